/* The Daku ABI for programs in C: numbers, packed structs, and the one import.
 *
 *     clang --target=wasm32 -O3 -ffreestanding -nostdlib -Wl,--no-entry -I sdk/c -o program.wasm program.c
 *
 * A program defines `DAKU_RUN { … }`, collects commands and hands them over with `daku_ar`. Whatever it posts (structs and
 * buffers) has to stay where it is until its channel is discarded. Fields are marked in (the host reads them) and out (the
 * host writes them). Layouts are those of the ABI reference, byte for byte.
 */
#ifndef DAKU_H
#define DAKU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define DAKU_ASSERT static_assert
extern "C" {
#else
#define DAKU_ASSERT _Static_assert
#endif

typedef uint32_t DakuPtr; /* an address in this program's memory, 0 for none */

/* Declares a packed struct and checks its size. */
#define DAKU_STRUCT(name, size, ...)                                                                                   \
    typedef struct __attribute__((packed)) __VA_ARGS__ name;                                                           \
    DAKU_ASSERT(sizeof(name) == (size), #name " has another size in the ABI")

/* ---- Commands, lists, texts ------------------------------------------------------------------------------------- */

DAKU_STRUCT(DakuCommand, 16, {
    uint32_t channel; /* channel that the command is for; 0 to open one, or to exit */
    uint32_t renamed; /* id that the channel has afterwards; 0 to discard it */
    uint32_t which;   /* number of the command when a channel opens, exit code when the program exits */
    DakuPtr data;     /* the message, 0 for none */
});
DAKU_STRUCT(DakuList, 8, {
    uint32_t size; /* number of elements; the capacity when posted for the host to fill */
    DakuPtr data;
});
typedef DakuList DakuText; /* UTF-8 */
DAKU_STRUCT(DakuNumber, 4, { uint32_t value; });

enum { DAKU_MAX_CHANNELS = 16384 };
#define DAKU_MAX_CHANNEL_ID 0x7FFFFFFFu
#define DAKU_CLOSED 0x80000000u /* bit of a ready entry: the host has closed the channel */

/* Hands over `size` commands, waits until a channel is ready, and writes the list of those that are to `done`, which needs
 * room for every open channel. Gives the length of that list. */
__attribute__((import_module("daku"), import_name("ar"))) extern uint32_t
daku_ar(uint32_t size, const DakuCommand *commands, uint32_t *done);

/* Begins the program's entry. */
#define DAKU_RUN __attribute__((export_name("run"))) void daku_run(void)

/* ---- Numbers of the commands ------------------------------------------------------------------------------------ */

enum DakuWhich {
    DAKU_ARCHITECTURE = 0,
    DAKU_REFERENCE_SIZE = 1,
    DAKU_CPU_EXTENSIONS = 2,
    DAKU_OVERCLOCK = 3,
    DAKU_SET_OVERCLOCK = 4,
    DAKU_UTC = 5,
    DAKU_TIME_ZONE = 6,
    DAKU_KERNEL = 7,
    DAKU_OS_NAME = 8,
    DAKU_DESKTOP = 9,
    DAKU_RUNTIME = 10,
    DAKU_USER_NAME = 11,
    DAKU_FULL_NAME = 12,
    DAKU_LANGUAGE = 13,
    DAKU_SET_USER_NAME = 14,
    DAKU_SET_FULL_NAME = 15,
    DAKU_SET_LANGUAGE = 16,
    DAKU_SPAWN = 17,
    DAKU_PARENT = 18,
    DAKU_LOG = 19,
    DAKU_CONSOLE = 20,
    DAKU_WINDOW_ACTIONS = 21,
    DAKU_NAVIGATION_ACTIONS = 22,
    DAKU_MENU = 23,
    DAKU_TABS = 24,
    DAKU_SEARCH = 25,
    DAKU_KEYS = 26,
    DAKU_TEXT = 27,
    DAKU_CURSOR = 28,
    DAKU_CONTROLLERS = 29,
    DAKU_GPIO_INTERRUPTS = 30,
    DAKU_GPIO_STATE = 31,
    DAKU_RECORD_AUDIO = 32,
    DAKU_PLAY_AUDIO = 33,
    DAKU_RECORD_VIDEO = 34,
    DAKU_FRAME = 35,
    DAKU_SERVE = 36,
    DAKU_FETCH = 37,
    DAKU_PERIPHERAL = 38,
    DAKU_CENTRAL = 39,
    DAKU_FILE = 40,
    DAKU_SHARE = 41,
    DAKU_COMPUTE = 42,
    DAKU_GPU = 43,
    DAKU_MODE = 44,
    DAKU_WHY = 45,
    DAKU_TIMER = 46,
    DAKU_WINDOW = 47,
    DAKU_TITLE = 48,
    DAKU_CURSOR_SHAPE = 49,
    DAKU_CLIPBOARD = 50,
    DAKU_NOTIFICATION = 51,
    DAKU_RANDOM = 52,
    DAKU_LAUNCH = 53,
    DAKU_HANDLE = 54,
    DAKU_ANSWER = 55,
    DAKU_CALL = 56,
    DAKU_PORT = 57,
    DAKU_RESOLVE = 58,
    DAKU_DROP = 59,
    DAKU_ARGUMENTS = 60,
    DAKU_TOOLBAR_NAMES = 61,
    DAKU_UNSAVED = 62
};

/* Why the host closed a channel. */
enum DakuCode {
    DAKU_UNSUPPORTED = 1,
    DAKU_DENIED = 2,
    DAKU_UNAVAILABLE = 3,
    DAKU_INVALID = 4,
    DAKU_DISCONNECTED = 5,
    DAKU_LIMIT = 6,
    DAKU_REVOKED = 7,
    DAKU_FAILED = 8
};

/* ---- Host, clock, user (0 to 16), window (47) ------------------------------------------------------------------- */

#define DAKU_UNKNOWN 0xFFFFFFFFu /* architecture, platform, environment or runtime */
enum DakuArchitecture { DAKU_WASM, DAKU_RISC_V, DAKU_ARM, DAKU_MIPS, DAKU_X86 };
enum DakuRefSize { DAKU_BITS_16, DAKU_BITS_32, DAKU_BITS_64, DAKU_BITS_128 };
enum DakuPlatform {
    DAKU_LINUX,
    DAKU_BSD,
    DAKU_WINDOWS,
    DAKU_MACOS,
    DAKU_IOS,
    DAKU_ANDROID,
    DAKU_NINTENDO,
    DAKU_XBOX,
    DAKU_PLAYSTATION,
    DAKU_FUCHSIA,
    DAKU_REDOX,
    DAKU_NOVUSK
};
enum DakuEnvironment {
    DAKU_ENV_GNOME,
    DAKU_ENV_WINDOWS,
    DAKU_ENV_LXDE,
    DAKU_ENV_OPENBOX,
    DAKU_ENV_MATE,
    DAKU_ENV_XFCE,
    DAKU_ENV_KDE,
    DAKU_ENV_CINNAMON,
    DAKU_ENV_I3,
    DAKU_ENV_AQUA,
    DAKU_ENV_IOS,
    DAKU_ENV_ANDROID,
    DAKU_ENV_WEB_BROWSER,
    DAKU_ENV_CONSOLE,
    DAKU_ENV_UBUNTU,
    DAKU_ENV_ERMINE,
    DAKU_ENV_ORBITAL,
    DAKU_ENV_QUANTII
};
enum DakuRuntime { DAKU_WASMTIME, DAKU_WASMER, DAKU_WASMI, DAKU_WARI };

DAKU_STRUCT(DakuTime, 4, {
    uint8_t hour, minute;
    uint16_t millis; /* of the minute */
});
DAKU_STRUCT(DakuDate, 4, {
    uint16_t year;
    uint8_t month;
    uint8_t day; /* weekday (Monday 1 to Sunday 7) << 5 | day of the month */
});
DAKU_STRUCT(DakuDateTime, 8, {
    DakuDate date;
    DakuTime time;
});
DAKU_STRUCT(DakuTimeAdjustment, 16, {
    DakuDateTime when; /* wall clock before the change */
    DakuDateTime now;  /* and after it */
});
DAKU_STRUCT(DakuLeapSecond, 4, {
    int16_t year;
    uint8_t month;
    int8_t delta;
});
DAKU_STRUCT(DakuTimeZone, 32, {
    uint32_t designation;
    DakuList deltas; /* DakuTimeAdjustment */
    DakuDateTime offset;
    DakuList leap_seconds; /* DakuLeapSecond */
    int16_t leap;
    uint8_t is_dst;
    uint8_t reserved;
});
DAKU_STRUCT(DakuLanguage, 4, { uint8_t code[4]; });
DAKU_STRUCT(DakuLang, 8, { DakuList list; /* DakuLanguage */ });

enum DakuWindowFlags {
    DAKU_FOCUSED = 1,
    DAKU_VISIBLE = 2,
    DAKU_FULL_SCREEN = 4,
    DAKU_DARK = 8,
    DAKU_REDUCED_MOTION = 16,
    DAKU_CLOSING = 32
};
DAKU_STRUCT(DakuWindow, 16, {
    uint32_t width, height; /* display pixels */
    float scale;            /* display pixels per point */
    uint32_t flags;
});

/* ---- Tasks, timers and interfaces (17, 18, 45, 46, 53 to 58) ---------------------------------------------------- */

DAKU_STRUCT(DakuTask, 16, {
    DakuList spawn_wasm;    /* in: bytes */
    DakuList shared_memory; /* in and out: bytes */
});
DAKU_STRUCT(DakuMessage, 8, { DakuList shared_memory; /* in and out: bytes */ });
DAKU_STRUCT(DakuWhy, 16, {
    uint32_t channel; /* in */
    uint32_t code;    /* out */
    DakuText text;    /* out */
});
DAKU_STRUCT(DakuTimer, 28, {
    uint64_t first, period; /* in: microseconds */
    uint32_t ticks;         /* out */
    uint64_t micros;        /* out */
});
DAKU_STRUCT(DakuLaunch, 40, {
    uint8_t hash[32];
    DakuText arguments;
});
DAKU_STRUCT(DakuHandle, 56, {
    uint8_t interface_hash[32]; /* in */
    uint64_t message, sender;   /* out */
    DakuList body;              /* out: bytes */
});
DAKU_STRUCT(DakuAnswer, 20, {
    uint64_t message;
    uint32_t code;
    DakuList body; /* bytes */
});
enum DakuCallFlags { DAKU_CALL_NO_ANSWER = 1, DAKU_CALL_NO_WAIT = 2 };
DAKU_STRUCT(DakuCall, 56, {
    uint8_t interface_hash[32]; /* in */
    uint32_t flags;             /* in */
    uint32_t code;              /* out */
    DakuList body;              /* in: bytes */
    DakuList reply;             /* out: bytes */
});
enum DakuPortOp {
    DAKU_PORT_OPEN,
    DAKU_PORT_SEND,
    DAKU_PORT_SEND_PART,
    DAKU_PORT_MESSAGE,
    DAKU_PORT_PART,
    DAKU_PORT_LOST,
    DAKU_PORT_STREAM_LOST
};
#define DAKU_PORT_LAST 0x80000000u  /* of stream */
#define DAKU_PORT_ABORT 0x40000000u /* of stream */
DAKU_STRUCT(DakuPort, 40, {
    uint32_t op;
    uint64_t port, peer;
    uint32_t stream;
    uint64_t offset;
    DakuList body; /* bytes */
});
DAKU_STRUCT(DakuResolve, 16, {
    DakuText object; /* in */
    uint64_t port;   /* out */
});

/* ---- Log, toolbar, HUD, tabs, search, cursor shape, clipboard (19 to 25, 49 to 51, 59, 61, 62) ------------------- */

enum DakuLevel { DAKU_LEVEL_DEBUG = 1, DAKU_LEVEL_INFO = 2, DAKU_LEVEL_WARNING = 4, DAKU_LEVEL_ERROR = 8 };
DAKU_STRUCT(DakuPrint, 12, {
    uint16_t which;
    uint8_t level;
    uint8_t set_name;
    DakuText text;
});
DAKU_STRUCT(DakuWindowActions, 16, {
    uint32_t len;
    uint32_t icons[3];
});
DAKU_STRUCT(DakuWindowActionEvent, 16, {
    uint32_t action;
    uint32_t reserved_a;
    uint64_t reserved_b;
});
typedef DakuWindowActions DakuNavigationActions;
typedef DakuWindowActionEvent DakuNavigationActionEvent;
DAKU_STRUCT(DakuMenu, 8, { DakuList options; /* DakuAction; the index chosen is written over its size */ });
enum { DAKU_NO_KEY = 255 };
DAKU_STRUCT(DakuAction, 32, {
    DakuText name, description;
    DakuList search_tags; /* DakuText */
    uint8_t modifier, key;
    uint8_t pressed, disabled;
    uint32_t mode;
});
#define DAKU_NO_TAB 0xFFFFFFFFu
DAKU_STRUCT(DakuTabs, 16, {
    DakuList tabs;     /* in: DakuTab */
    uint32_t selected; /* in */
    uint32_t chosen;   /* out */
});
DAKU_STRUCT(DakuTab, 16, {
    uint32_t icon;
    DakuText title;
    uint32_t badge;
});
DAKU_STRUCT(DakuSearch, 24, {
    DakuList modes; /* in: uint32_t */
    DakuText hint;  /* in */
    DakuText query; /* out */
});
enum DakuCursorShape {
    DAKU_SHAPE_DEFAULT,
    DAKU_SHAPE_HIDDEN,
    DAKU_SHAPE_LOCKED,
    DAKU_SHAPE_TEXT,
    DAKU_SHAPE_HAND,
    DAKU_SHAPE_CROSS,
    DAKU_SHAPE_WAIT,
    DAKU_SHAPE_RESIZE_HORIZONTAL,
    DAKU_SHAPE_RESIZE_VERTICAL,
    DAKU_SHAPE_RESIZE_FALLING,
    DAKU_SHAPE_RESIZE_RISING
};
enum DakuClipboardOp { DAKU_CLIPBOARD_READ, DAKU_CLIPBOARD_WRITE };
DAKU_STRUCT(DakuClipboard, 12, {
    uint32_t op; /* in */
    DakuText text;
});
DAKU_STRUCT(DakuNotification, 20, {
    DakuText title, text;
    uint32_t icon;
});
DAKU_STRUCT(DakuDrop, 16, {
    float x, y;
    DakuText name;
});
DAKU_STRUCT(DakuToolbarNames, 16, {
    DakuList navigation, actions; /* DakuText */
});
enum DakuUnsavedFlags { DAKU_UNSAVED_WORK = 1 };
DAKU_STRUCT(DakuUnsaved, 12, {
    uint32_t flags;
    DakuText text;
});

/* ---- Keys, text, cursor, controllers (26 to 29) ------------------------------------------------------------------ */

enum DakuModifier { DAKU_SHIFT = 1, DAKU_CONTROL = 2, DAKU_ALT = 4, DAKU_LOGO = 8 };
/* Key numbers are USB HID usage ids of page 7; letters follow A, digits go 1 to 9 and then 0. */
enum DakuKeyNumber {
    DAKU_KEY_A = 4,
    DAKU_KEY_1 = 30,
    DAKU_KEY_ENTER = 40,
    DAKU_KEY_ESCAPE = 41,
    DAKU_KEY_BACKSPACE = 42,
    DAKU_KEY_TAB = 43,
    DAKU_KEY_SPACE = 44,
    DAKU_KEY_F1 = 58,
    DAKU_KEY_RIGHT = 79,
    DAKU_KEY_LEFT = 80,
    DAKU_KEY_DOWN = 81,
    DAKU_KEY_UP = 82
};
enum DakuKeyState { DAKU_KEY_RELEASED, DAKU_KEY_PRESSED, DAKU_KEY_REPEATED };
DAKU_STRUCT(DakuKey, 12, {
    uint64_t micros;
    uint16_t code;
    uint8_t state, modifiers;
});
DAKU_STRUCT(DakuTextInput, 24, {
    DakuText text, preedit;      /* out */
    int16_t caret_x, caret_y;    /* in */
    uint16_t caret_w, caret_h;   /* in */
});
enum DakuCursorKind {
    DAKU_CURSOR_MOVED,
    DAKU_CURSOR_PRESSED,
    DAKU_CURSOR_RELEASED,
    DAKU_CURSOR_SCROLLED,
    DAKU_CURSOR_ENTERED,
    DAKU_CURSOR_LEFT,
    DAKU_TOUCH_BEGAN,
    DAKU_TOUCH_MOVED,
    DAKU_TOUCH_ENDED,
    DAKU_TOUCH_CANCELLED
};
enum DakuMouseButton { DAKU_LEFT, DAKU_RIGHT, DAKU_MIDDLE, DAKU_BACK, DAKU_FORWARD };
DAKU_STRUCT(DakuCursorEvent, 28, {
    uint64_t micros;
    float x, y, dx, dy;
    uint8_t kind, button;
    uint16_t pointer;
});
DAKU_STRUCT(DakuControllers, 16, {
    DakuList events; /* out: DakuPad */
    DakuList rumble; /* in: DakuRumble */
});
enum DakuPadKind { DAKU_PAD_CONNECTED, DAKU_PAD_DISCONNECTED, DAKU_PAD_BUTTON, DAKU_PAD_AXIS };
DAKU_STRUCT(DakuPad, 16, {
    uint64_t micros;
    uint16_t controller;
    uint8_t kind, code;
    float value;
});
DAKU_STRUCT(DakuRumble, 12, {
    uint16_t controller, millis;
    float strong, weak;
});

/* ---- Devices (30 to 35, 42, 43) ---------------------------------------------------------------------------------- */

DAKU_STRUCT(DakuGpioWatch, 32, {
    uint32_t chip, line, edges, debounce_micros; /* in */
    uint64_t micros;                             /* out */
    uint32_t edge, sequence;                     /* out */
});
DAKU_STRUCT(DakuGpioState, 20, {
    uint32_t chip, line, direction; /* in */
    uint32_t value;                 /* in and out */
    uint32_t bias;                  /* in */
});
DAKU_STRUCT(DakuAudio, 28, {
    uint32_t rate, channels; /* in and out */
    uint32_t frames;         /* in */
    DakuPtr samples;         /* float */
    uint32_t lost;           /* out */
    uint64_t micros;         /* out */
});
DAKU_STRUCT(DakuVideo, 36, {
    uint32_t device;              /* in */
    uint32_t width, height, rate; /* in and out */
    uint64_t micros;              /* out */
    DakuList pixels;              /* out: bytes */
    uint32_t lost;                /* out */
});
enum DakuScale { DAKU_FIT, DAKU_MULTIPLE, DAKU_STRETCH, DAKU_TOP_LEFT };
DAKU_STRUCT(DakuFrame, 20, {
    uint32_t width, height;
    uint32_t stride; /* bytes */
    uint32_t scale;
    DakuPtr pixels; /* R, G, B, A bytes */
});
DAKU_STRUCT(DakuCompute, 36, {
    DakuText shader, entry; /* WGSL; entry without bytes: the only one */
    uint32_t groups[3];
    DakuList bindings; /* DakuBinding */
});
enum DakuBindingKind { DAKU_BINDING_READ, DAKU_BINDING_READ_WRITE, DAKU_BINDING_UNIFORM, DAKU_BINDING_BUFFER };
DAKU_STRUCT(DakuBinding, 16, {
    uint32_t slot, kind, size;
    DakuPtr data;
});
enum DakuGpuCommandId {
    DAKU_GPU_GET_NUMBER_OF_DISPLAYS,
    DAKU_GPU_GET_DISPLAY_SIZE,
    DAKU_GPU_ALLOCATE_FRAMEBUFFER,
    DAKU_GPU_ALLOCATE_BUFFER_F32,
    DAKU_GPU_ALLOCATE_TEXTURE,
    DAKU_GPU_ALLOCATE_BUFFER_I32,
    DAKU_GPU_FREE,
    DAKU_GPU_WRITE,
    DAKU_GPU_READ,
    DAKU_GPU_SHADER,
    DAKU_GPU_PIPELINE,
    DAKU_GPU_PASS,
    DAKU_GPU_PRESENT,
    DAKU_GPU_SAMPLER,
    DAKU_GPU_LAYOUT,
    DAKU_GPU_GROUP
};
DAKU_STRUCT(DakuGpuCommand, 16, {
    uint32_t id;    /* in: DakuGpuCommandId; out: the result */
    uint32_t value; /* index, size or handle */
    DakuList map;   /* bytes, or elements of the structs below */
});
enum DakuPictureFlags { DAKU_PICTURE_STORAGE = 1 };
DAKU_STRUCT(DakuPicture, 8, {
    uint8_t format, kind, levels, samples;
    uint16_t layers, flags;
});
DAKU_STRUCT(DakuSampler, 16, {
    uint8_t u, v, w; /* clamp 0, repeat 1, mirror 2 */
    uint8_t mag, min, mip; /* nearest 0, linear 1 */
    uint8_t compare, anisotropy;
    float lod_min, lod_max;
});
DAKU_STRUCT(DakuSlot, 12, {
    uint32_t binding;
    uint8_t kind, stages, view, format, dynamic;
    uint8_t reserved[3];
});
DAKU_STRUCT(DakuEntry, 24, {
    uint32_t binding, handle;
    uint32_t offset, size;
    uint8_t level, levels;
    uint16_t layer, layers, reserved;
});
DAKU_STRUCT(DakuStencil, 4, { uint8_t compare, fail, depth_fail, pass; });
DAKU_STRUCT(DakuPipeline, 80, {
    DakuList layouts; /* uint32_t: handles */
    uint32_t shader;
    DakuText entry;
    uint32_t fragment;
    DakuText fragment_entry;
    DakuList buffers; /* DakuVertices */
    DakuList targets; /* DakuTarget */
    uint8_t kind, topology, strip, front, cull, samples, coverage;
    uint8_t depth, depth_write, depth_compare, stencil_read, stencil_write;
    DakuStencil stencil_front, stencil_back;
    int32_t bias;
    float bias_slope, bias_clamp;
});
DAKU_STRUCT(DakuVertices, 16, {
    uint32_t stride, step;
    DakuList attributes; /* DakuAttribute */
});
DAKU_STRUCT(DakuAttribute, 8, {
    uint32_t offset;
    uint16_t location, format;
});
DAKU_STRUCT(DakuTarget, 12, {
    uint8_t format, mask, blend, reserved;
    uint8_t color[4], alpha[4]; /* source factor, destination factor, operation, 0 */
});
enum DakuGpuOpId {
    DAKU_GPU_OP_RENDER_PASS = 1,
    DAKU_GPU_OP_COMPUTE_PASS,
    DAKU_GPU_OP_END,
    DAKU_GPU_OP_PIPELINE,
    DAKU_GPU_OP_GROUP,
    DAKU_GPU_OP_VERTICES,
    DAKU_GPU_OP_INDICES,
    DAKU_GPU_OP_DRAW,
    DAKU_GPU_OP_DRAW_INDEXED,
    DAKU_GPU_OP_DRAW_INDIRECT,
    DAKU_GPU_OP_DRAW_INDEXED_INDIRECT,
    DAKU_GPU_OP_DISPATCH,
    DAKU_GPU_OP_DISPATCH_INDIRECT,
    DAKU_GPU_OP_VIEWPORT,
    DAKU_GPU_OP_SCISSOR,
    DAKU_GPU_OP_BLEND_CONSTANT,
    DAKU_GPU_OP_STENCIL_REFERENCE,
    DAKU_GPU_OP_WRITE_BUFFER,
    DAKU_GPU_OP_WRITE_TEXTURE,
    DAKU_GPU_OP_COPY_BUFFER,
    DAKU_GPU_OP_BUFFER_TO_TEXTURE,
    DAKU_GPU_OP_TEXTURE_TO_BUFFER,
    DAKU_GPU_OP_TEXTURE_TO_TEXTURE,
    DAKU_GPU_OP_CLEAR_BUFFER
};
DAKU_STRUCT(DakuGpuOp, 32, {
    uint32_t op;
    uint32_t a[7];
});
DAKU_STRUCT(DakuColor, 32, {
    uint32_t texture, resolve;
    uint8_t level, load, store, reserved_a;
    uint16_t layer, reserved_b;
    float clear[4];
});
DAKU_STRUCT(DakuDepth, 20, {
    uint32_t texture;
    uint8_t level, reserved;
    uint16_t layer;
    uint8_t load, store, stencil_load, stencil_store;
    float clear;
    uint32_t stencil_clear;
});
DAKU_STRUCT(DakuRegion, 32, {
    uint32_t texture, level;
    uint32_t x, y, z;
    uint32_t width, height, depth;
});

/* ---- Bluetooth (38, 39) ------------------------------------------------------------------------------------------- */

enum DakuCentralOp {
    DAKU_CENTRAL_SCAN,
    DAKU_CENTRAL_CONNECT,
    DAKU_CENTRAL_READ,
    DAKU_CENTRAL_WRITE,
    DAKU_CENTRAL_SUBSCRIBE,
    DAKU_CENTRAL_NOTIFIED
};
DAKU_STRUCT(DakuCentral, 72, {
    uint32_t op, flags;  /* in and out */
    uint64_t device;     /* in and out */
    uint16_t attribute;  /* in and out */
    uint16_t code;       /* out */
    int16_t rssi;        /* out: dBm */
    uint16_t lost;       /* out */
    uint64_t micros;     /* out */
    uint8_t service[16]; /* in */
    DakuList data;       /* in: bytes */
    DakuText name;       /* out */
    DakuList value;      /* out: bytes, or DakuGattAttribute */
});
DAKU_STRUCT(DakuGattAttribute, 36, {
    uint8_t service[16], uuid[16];
    uint16_t properties, reserved;
});
enum DakuPeripheralOp {
    DAKU_PERIPHERAL_SERVE,
    DAKU_PERIPHERAL_SET,
    DAKU_PERIPHERAL_WRITTEN,
    DAKU_PERIPHERAL_SUBSCRIBED
};
DAKU_STRUCT(DakuPeripheral, 60, {
    uint32_t op;        /* in and out */
    uint16_t attribute; /* in and out */
    uint16_t lost;      /* out */
    uint32_t flags;     /* out */
    uint64_t central;   /* out */
    uint64_t micros;    /* out */
    DakuText name;      /* in */
    DakuList services;  /* in: DakuGattService */
    DakuList data;      /* in: bytes */
    DakuList value;     /* out: bytes */
});
DAKU_STRUCT(DakuGattService, 28, {
    uint8_t uuid[16];
    uint32_t flags;           /* 1: advertised */
    DakuList characteristics; /* DakuGattCharacteristic */
});
DAKU_STRUCT(DakuGattCharacteristic, 28, {
    uint8_t uuid[16];
    uint32_t properties;
    DakuList value; /* bytes */
});

/* ---- HTTP and storage (36, 37, 40, 41) ---------------------------------------------------------------------------- */

DAKU_STRUCT(DakuServe, 40, {
    uint32_t op;
    uint16_t port, scope;
    uint32_t request;
    uint16_t status, method;
    DakuText url, headers;
    DakuList body; /* bytes */
});
DAKU_STRUCT(DakuFetch, 48, {
    uint16_t method;        /* in */
    uint16_t status;        /* out */
    uint32_t flags;         /* in and out */
    DakuText url, headers;  /* in */
    DakuList body;          /* in: bytes */
    DakuText reply_headers; /* out */
    DakuList reply;         /* out: bytes */
});
enum DakuFileFlags { DAKU_FILE_CREATE = 1, DAKU_FILE_NEW = 2, DAKU_FILE_TRUNCATE = 4 };
DAKU_STRUCT(DakuFile, 32, {
    uint32_t op;
    uint32_t flags;
    uint64_t at;
    uint32_t size;
    DakuPtr data;
    DakuText name;
});
DAKU_STRUCT(DakuShare, 24, {
    uint32_t op, flags;
    DakuText name, types;
});

/* ---- Helpers ------------------------------------------------------------------------------------------------------ */

/* Address of something, as the host reads it. */
static inline DakuPtr daku_ptr(const void *pointer) { return (DakuPtr)(uintptr_t)pointer; }

/* Text of a string literal or an array that ends with NUL. */
#define DAKU_TEXT(literal) ((DakuText){sizeof(literal) - 1, daku_ptr(literal)})

/* List of all elements of an array. */
#define DAKU_LIST(array) ((DakuList){sizeof(array) / sizeof((array)[0]), daku_ptr(array)})

/* A colour as a pixel. */
static inline uint32_t daku_rgb(uint8_t red, uint8_t green, uint8_t blue)
{
    return red | (uint32_t)green << 8 | (uint32_t)blue << 16 | 0xFF000000u;
}

static inline DakuCommand daku_open(uint32_t id, uint32_t which, const void *message)
{
    return (DakuCommand){0, id, which, daku_ptr(message)};
}

static inline DakuCommand daku_send(uint32_t id, const void *message)
{
    return (DakuCommand){id, id, 0, daku_ptr(message)};
}

static inline DakuCommand daku_rename(uint32_t id, uint32_t renamed) { return (DakuCommand){id, renamed, 0, 0}; }
static inline DakuCommand daku_discard(uint32_t id) { return (DakuCommand){id, 0, 0, 0}; }
static inline DakuCommand daku_exit(uint8_t code) { return (DakuCommand){0, 0, code, 0}; }

/* Embeds string literals as a custom section. */
#define DAKU_SECTION(name, ...)                                                                                        \
    __asm__(".section .custom_section." name ",\"\",@\n.ascii " #__VA_ARGS__ "\n.section .text,\"\",@\n")

/* The program's manifest (TOML) and its icon (SVG), as string literals, each once in a program. */
#define DAKU_MANIFEST(...) DAKU_SECTION("portico", __VA_ARGS__)
#define DAKU_ICON(...) DAKU_SECTION("portico.icon", __VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
