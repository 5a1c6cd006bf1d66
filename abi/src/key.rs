//! Key numbers: USB HID usage ids of page 7. They are positions, named after what a US keyboard has there.

macro_rules! keys {
    ($($name:ident = $number:literal,)*) => {
        $(
            #[doc = concat!("Key number ", $number, ".")]
            pub const $name: u16 = $number;
        )*
    };
}

keys! {
    A = 4, B = 5, C = 6, D = 7, E = 8, F = 9, G = 10, H = 11, I = 12, J = 13, K = 14, L = 15, M = 16, N = 17, O = 18, P = 19,
    Q = 20, R = 21, S = 22, T = 23, U = 24, V = 25, W = 26, X = 27, Y = 28, Z = 29,
    DIGIT_1 = 30, DIGIT_2 = 31, DIGIT_3 = 32, DIGIT_4 = 33, DIGIT_5 = 34, DIGIT_6 = 35, DIGIT_7 = 36, DIGIT_8 = 37,
    DIGIT_9 = 38, DIGIT_0 = 39,
    ENTER = 40, ESCAPE = 41, BACKSPACE = 42, TAB = 43, SPACE = 44, MINUS = 45, EQUALS = 46, LEFT_BRACKET = 47,
    RIGHT_BRACKET = 48, BACKSLASH = 49, SEMICOLON = 51, QUOTE = 52, GRAVE = 53, COMMA = 54, PERIOD = 55, SLASH = 56,
    CAPS_LOCK = 57, F1 = 58, F2 = 59, F3 = 60, F4 = 61, F5 = 62, F6 = 63, F7 = 64, F8 = 65, F9 = 66, F10 = 67, F11 = 68,
    F12 = 69, PRINT_SCREEN = 70, SCROLL_LOCK = 71, PAUSE = 72, INSERT = 73, HOME = 74, PAGE_UP = 75, DELETE = 76, END = 77,
    PAGE_DOWN = 78, RIGHT = 79, LEFT = 80, DOWN = 81, UP = 82,
    NUM_LOCK = 83, PAD_DIVIDE = 84, PAD_MULTIPLY = 85, PAD_SUBTRACT = 86, PAD_ADD = 87, PAD_ENTER = 88, PAD_1 = 89,
    PAD_2 = 90, PAD_3 = 91, PAD_4 = 92, PAD_5 = 93, PAD_6 = 94, PAD_7 = 95, PAD_8 = 96, PAD_9 = 97, PAD_0 = 98,
    PAD_DECIMAL = 99, MENU = 101,
    LEFT_CONTROL = 224, LEFT_SHIFT = 225, LEFT_ALT = 226, LEFT_LOGO = 227, RIGHT_CONTROL = 228, RIGHT_SHIFT = 229,
    RIGHT_ALT = 230, RIGHT_LOGO = 231,
}
