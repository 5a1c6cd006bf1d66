//! The GPU: compute (42), and commands, passes and what they take (43).

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{F32, I32, U16, U32};

messages! {
    /// Runs a compute shader (command 42).
    struct Compute: 36 {
        /// In: WGSL.
        0 => shader: Text,
        /// In: name of its entry point; without bytes, the only one.
        8 => entry: Text,
        /// In: number of workgroups in each direction.
        16 => groups: [U32; 3],
        /// In, `List<Binding>`.
        28 => bindings: List,
    }

    /// A buffer bound to a compute shader.
    struct Binding: 16 {
        /// `@binding` of `@group(0)`.
        0 => slot: U32,
        /// A [`BindingKind`].
        4 => kind: U32,
        /// Bytes, or the handle of a [`BindingKind::Buffer`].
        8 => size: U32,
        /// Address of the bytes.
        12 => data: U32,
    }

    /// A command for the GPU (command 43). Its result is written over `id`.
    struct GpuCommand: 16 {
        /// A [`GpuCommandId`].
        0 => id: U32,
        /// Index, size or handle.
        4 => value: U32,
        /// `List<u8>`: bytes that go with it.
        8 => map: List,
    }

    /// A texture to make. All fields 0 are the default.
    struct Picture: 8 {
        /// Number of a texture format; 0: rgba8unorm.
        0 => format: u8,
        /// 2D 0, 3D 1.
        1 => kind: u8,
        /// Mip levels; 0: 1.
        2 => levels: u8,
        /// Samples a pixel, 1 or 4; 0: 1.
        3 => samples: u8,
        /// Layers, of 3D its depth; 0: 1.
        4 => layers: U16,
        /// `STORAGE`.
        6 => flags: U16,
    }

    /// A sampler to make.
    struct Sampler: 16 {
        /// Beyond the edges in u: clamp 0, repeat 1, mirror 2.
        0 => u: u8,
        /// Beyond the edges in v, as `u`.
        1 => v: u8,
        /// Beyond the edges in w, as `u`.
        2 => w: u8,
        /// Filter when magnified: nearest 0, linear 1.
        3 => mag: u8,
        /// Filter when minified, as `mag`.
        4 => min: u8,
        /// Filter between mip levels, as `mag`.
        5 => mip: u8,
        /// Comparison, as that of a [`Stencil`]; 0: none.
        6 => compare: u8,
        /// Anisotropy, to 16; 0: 1.
        7 => anisotropy: u8,
        /// Lowest level of detail.
        8 => lod_min: F32,
        /// Highest level of detail.
        12 => lod_max: F32,
    }

    /// A slot of a bind group's layout.
    struct Slot: 12 {
        /// `@binding` of the shader.
        0 => binding: U32,
        /// Kind of resource.
        4 => kind: u8,
        /// Stages that see it: vertex 1, fragment 2, compute 4, added up.
        5 => stages: u8,
        /// View of a texture: 2D 0, 2D array 1, cube 2, cube array 3, 3D 4, 2D of 4 samples 5.
        6 => view: u8,
        /// Texture format of a storage texture.
        7 => format: u8,
        /// 1: the group op of a pass adds an offset.
        8 => dynamic: u8,
        /// 0.
        9 => reserved: [u8; 3],
    }

    /// Resource in a slot of a bind group.
    struct Entry: 24 {
        /// `@binding` of the slot.
        0 => binding: U32,
        /// Handle of a buffer, texture or sampler.
        4 => handle: U32,
        /// First byte of the buffer, a multiple of 256.
        8 => offset: U32,
        /// Bytes of the buffer; 0: all from there.
        12 => size: U32,
        /// First mip level of the texture.
        16 => level: u8,
        /// Mip levels; 0: all from there.
        17 => levels: u8,
        /// First layer of the texture.
        18 => layer: U16,
        /// Layers; 0: all from there.
        20 => layers: U16,
        /// 0.
        22 => reserved: U16,
    }

    /// A pipeline to make.
    struct Pipeline: 80 {
        /// `List<u32>`: handles of bind group layouts; the one at index i is `@group(i)`.
        0 => layouts: List,
        /// Handle of the shader of the vertex or compute stage.
        8 => shader: U32,
        /// Its entry point; without bytes, the only one of its stage.
        12 => entry: Text,
        /// Handle of the shader of the fragment stage; 0: none.
        20 => fragment: U32,
        /// Its entry point; without bytes, the only one of its stage.
        24 => fragment_entry: Text,
        /// `List<Vertices>`: one a slot of vertex buffers.
        32 => buffers: List,
        /// `List<Target>`: one a colour target.
        40 => targets: List,
        /// Render 0, compute 1.
        48 => kind: u8,
        /// Points 0, lines 1, line strip 2, triangles 3, triangle strip 4.
        49 => topology: u8,
        /// Index format of strips: none 0, `u16` 1, `u32` 2.
        50 => strip: u8,
        /// Front faces are counter-clockwise 0, clockwise 1.
        51 => front: u8,
        /// Faces left out: none 0, front 1, back 2.
        52 => cull: u8,
        /// Samples a pixel: 4, else 0 or 1.
        53 => samples: u8,
        /// 1: coverage from alpha.
        54 => coverage: u8,
        /// Texture format of depth and stencil; 0: none.
        55 => depth: u8,
        /// 1: depth is written.
        56 => depth_write: u8,
        /// Comparison of depth, as that of a [`Stencil`].
        57 => depth_compare: u8,
        /// Bits of the stencil that are read.
        58 => stencil_read: u8,
        /// Bits of the stencil that are written.
        59 => stencil_write: u8,
        /// Stencil of front faces.
        60 => stencil_front: Stencil,
        /// Stencil of back faces.
        64 => stencil_back: Stencil,
        /// Depth bias, constant.
        68 => bias: I32,
        /// Depth bias by slope.
        72 => bias_slope: F32,
        /// Largest depth bias, as in WebGPU.
        76 => bias_clamp: F32,
    }

    /// Stencil test and its operations.
    struct Stencil: 4 {
        /// Never 1, less 2, equal 3, less or equal 4, greater 5, not equal 6, greater or equal 7, always 8 or 0.
        0 => compare: u8,
        /// Operation where the stencil test fails.
        1 => fail: u8,
        /// Operation where the depth test fails.
        2 => depth_fail: u8,
        /// Operation where both pass.
        3 => pass: u8,
    }

    /// Layout of a vertex buffer.
    struct Vertices: 16 {
        /// Bytes from one element to the next.
        0 => stride: U32,
        /// An element a vertex 0, an instance 1.
        4 => step: U32,
        /// `List<Attribute>`.
        8 => attributes: List,
    }

    /// An attribute of a vertex buffer.
    struct Attribute: 8 {
        /// Offset in bytes within an element.
        0 => offset: U32,
        /// `@location` of the shader.
        4 => location: U16,
        /// Number of a vertex format.
        6 => format: U16,
    }

    /// A colour target of a pipeline.
    struct Target: 12 {
        /// Number of a texture format; 0: no target.
        0 => format: u8,
        /// Channels that are written: red 1, green 2, blue 4, alpha 8, added up.
        1 => mask: u8,
        /// 1: blends by `color` and `alpha`.
        2 => blend: u8,
        /// 0.
        3 => reserved: u8,
        /// Source factor, destination factor, operation, 0.
        4 => color: [u8; 4],
        /// As `color`, of alpha.
        8 => alpha: [u8; 4],
    }

    /// An op of a pass.
    struct GpuOp: 32 {
        /// A [`GpuOpId`].
        0 => op: U32,
        /// What it takes; an `f32` by its bits.
        4 => a: [U32; 7],
    }

    /// A colour target of a render pass.
    struct Color: 32 {
        /// Handle of the texture; 0: no target.
        0 => texture: U32,
        /// Handle of the texture that its samples are resolved into; 0: none.
        4 => resolve: U32,
        /// Mip level.
        8 => level: u8,
        /// Clear 0, load 1.
        9 => load: u8,
        /// Store 0, discard 1.
        10 => store: u8,
        /// 0.
        11 => reserved_a: u8,
        /// Layer, or slice of 3D.
        12 => layer: U16,
        /// 0.
        14 => reserved_b: U16,
        /// Red, green, blue, alpha that it is cleared to.
        16 => clear: [F32; 4],
    }

    /// Depth and stencil of a render pass.
    struct Depth: 20 {
        /// Handle of the texture.
        0 => texture: U32,
        /// Mip level.
        4 => level: u8,
        /// 0.
        5 => reserved: u8,
        /// Layer.
        6 => layer: U16,
        /// Depth: clear 0, load 1, read only 2.
        8 => load: u8,
        /// Depth: store 0, discard 1.
        9 => store: u8,
        /// Stencil: clear 0, load 1, read only 2.
        10 => stencil_load: u8,
        /// Stencil: store 0, discard 1.
        11 => stencil_store: u8,
        /// Depth that it is cleared to.
        12 => clear: F32,
        /// Stencil that it is cleared to.
        16 => stencil_clear: U32,
    }

    /// A box of texels.
    struct Region: 32 {
        /// Handle of the texture.
        0 => texture: U32,
        /// Mip level.
        4 => level: U32,
        /// Left edge.
        8 => x: U32,
        /// Top edge.
        12 => y: U32,
        /// First layer, or slice of 3D.
        16 => z: U32,
        /// Texels a row.
        20 => width: U32,
        /// Rows.
        24 => height: U32,
        /// Layers, or slices of 3D.
        28 => depth: U32,
    }
}

impl Picture {
    /// Bit of `flags`: may be bound as storage.
    pub const STORAGE: u16 = 1;
}

enums! {
    /// What a binding of a compute shader is.
    enum BindingKind: u32 {
        /// Storage that is read.
        Read = 0,
        /// Storage that is read and written.
        ReadWrite = 1,
        /// Uniform.
        Uniform = 2,
        /// A buffer made by command 43.
        Buffer = 3,
    }

    /// A command for the GPU.
    enum GpuCommandId: u32 {
        /// Number of displays.
        GetNumberOfDisplays = 0,
        /// Size of a display.
        GetDisplaySize = 1,
        /// Make a framebuffer.
        AllocateFramebuffer = 2,
        /// Make a buffer.
        AllocateBufferF32 = 3,
        /// Make a texture.
        AllocateTexture = 4,
        /// Make a buffer.
        AllocateBufferI32 = 5,
        /// Let go of a handle.
        Free = 6,
        /// Write bytes.
        Write = 7,
        /// Read bytes.
        Read = 8,
        /// Make a shader from WGSL.
        Shader = 9,
        /// Make a pipeline.
        Pipeline = 10,
        /// Carry out a list of ops.
        Pass = 11,
        /// Show a framebuffer.
        Present = 12,
        /// Make a sampler.
        Sampler = 13,
        /// Make the layout of a bind group.
        Layout = 14,
        /// Make a bind group.
        Group = 15,
    }

    /// An op of a pass.
    enum GpuOpId: u32 {
        /// Begin a render pass.
        RenderPass = 1,
        /// Begin a compute pass.
        ComputePass = 2,
        /// End the pass.
        End = 3,
        /// Set the pipeline.
        Pipeline = 4,
        /// Set a bind group.
        Group = 5,
        /// Set a vertex buffer.
        Vertices = 6,
        /// Set the index buffer.
        Indices = 7,
        /// Draw.
        Draw = 8,
        /// Draw by indices.
        DrawIndexed = 9,
        /// Draw with arguments from a buffer.
        DrawIndirect = 10,
        /// Draw by indices with arguments from a buffer.
        DrawIndexedIndirect = 11,
        /// Run workgroups.
        Dispatch = 12,
        /// Run workgroups, their number from a buffer.
        DispatchIndirect = 13,
        /// Set the viewport.
        Viewport = 14,
        /// Set the scissor rectangle.
        Scissor = 15,
        /// Set the blend constant.
        BlendConstant = 16,
        /// Set the stencil reference.
        StencilReference = 17,
        /// Write bytes to a buffer.
        WriteBuffer = 18,
        /// Write texels to a texture.
        WriteTexture = 19,
        /// Copy between buffers.
        CopyBuffer = 20,
        /// Copy from a buffer to a texture.
        BufferToTexture = 21,
        /// Copy from a texture to a buffer.
        TextureToBuffer = 22,
        /// Copy between textures.
        TextureToTexture = 23,
        /// Fill a part of a buffer with 0.
        ClearBuffer = 24,
    }
}
