// Draws one picture into a window: the program's frame, or a layer of chrome. All values are gamma-encoded, as they are on
// the CPU route, whose arithmetic this repeats (shell/surface/src/blit.rs).

struct Quad {
    // Where the whole picture lies in the window, in pixels: left, top, width, height.
    rect: vec4<f32>,
    window: vec2<f32>,
    // 0: a layer, a texel a pixel, with alpha. 1: a frame, each texel a whole number of pixels. 2: a frame, smooth.
    mode: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> quad: Quad;
@group(0) @binding(1) var picture: texture_2d<f32>;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32(index & 1u), f32(index >> 1u));
    let place = (quad.rect.xy + unit * quad.rect.zw) / quad.window;
    return vec4<f32>(2.0 * place.x - 1.0, 1.0 - 2.0 * place.y, 0.0, 1.0);
}

fn frame_texel(at: vec2<i32>) -> vec3<f32> {
    return textureLoad(picture, at, 0).rgb;
}

@fragment
fn pixel(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<i32>(floor(position.xy - quad.rect.xy));
    if quad.mode == 0u {
        return textureLoad(picture, at, 0);
    }
    let size = vec2<i32>(textureDimensions(picture));
    if quad.mode == 1u {
        return vec4<f32>(frame_texel(at * size / vec2<i32>(quad.rect.zw)), 1.0);
    }
    // Bilinear, with places rounded to 256ths of a texel and held within the outer texels' centres.
    let place = max(floor((vec2<f32>(at) + 0.5) * vec2<f32>(size) / quad.rect.zw * 256.0 + 0.5) - 128.0, vec2<f32>());
    let whole = floor(place / 256.0);
    let weight = place / 256.0 - whole;
    let last = size - vec2<i32>(1);
    let first = min(vec2<i32>(whole), last);
    let second = min(first + vec2<i32>(1), last);
    let upper = mix(frame_texel(first), frame_texel(vec2<i32>(second.x, first.y)), weight.x);
    let lower = mix(frame_texel(vec2<i32>(first.x, second.y)), frame_texel(second), weight.x);
    return vec4<f32>(mix(upper, lower, weight.y), 1.0);
}
