/* Plasma: 1280 by 720 pixels at the display's full rate, in integers.
 *
 * The field is a sum of three waves along x whose strength and phase change from row to row, so that it costs three
 * multiplications and one look-up a pixel. Nothing is computed before the first frame but a few small tables.
 */
#include <daku.h>

enum { WIDTH = 1280, HEIGHT = 720, TURN = 4096, COLOURS = 4096, WAVES = 3, PARTS = 4, LONGEST = 1024, PALETTES = 5, STOPS = 6 };
enum { FRAME = 1, CLOCK, BUTTONS, NAMES, MENU, CHANNELS = MENU };
enum { PAUSE, PALETTE, FASTER, SLOWER, ACTIONS };

DAKU_MANIFEST("name = \"Plasma\"\n"
              "summary = \"Flowing colours, 1280 by 720, at the full rate of your display\"\n"
              "languages = [\"en\"]\n"
              "\n"
              "[portals]\n"
              "framebuffer = \"To show the picture\"\n"
              "menu = \"To pause it and change its colours from the HUD\"\n"
              "toolbar = \"To do the same with a button\"\n"
              "timer = \"To flow at the same speed on every display\"\n");

DAKU_ICON("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 128 128'>"
          "<defs>"
          "<linearGradient id='a' x1='0' y1='0' x2='1' y2='1'>"
          "<stop offset='0' stop-color='#2b1055'/><stop offset='1' stop-color='#0a7ea4'/></linearGradient>"
          "<radialGradient id='b'><stop offset='0' stop-color='#ffd166'/><stop offset='.5' stop-color='#ff4d8d'/>"
          "<stop offset='1' stop-color='#ff4d8d' stop-opacity='0'/></radialGradient>"
          "<radialGradient id='c'><stop offset='0' stop-color='#a6fff2'/><stop offset='.5' stop-color='#22b8cf'/>"
          "<stop offset='1' stop-color='#22b8cf' stop-opacity='0'/></radialGradient>"
          "<clipPath id='d'><rect x='8' y='8' width='112' height='112' rx='28'/></clipPath>"
          "</defs>"
          "<g clip-path='url(#d)'>"
          "<rect width='128' height='128' fill='url(#a)'/>"
          "<ellipse cx='46' cy='44' rx='54' ry='40' fill='url(#b)' transform='rotate(-24 46 44)'/>"
          "<ellipse cx='92' cy='92' rx='52' ry='36' fill='url(#c)' transform='rotate(-24 92 92)'/>"
          "<path d='M-4 84C24 58 42 104 68 78S104 40 134 54' fill='none' stroke='#fff' stroke-opacity='.75' "
          "stroke-width='7' stroke-linecap='round'/>"
          "</g></svg>");

/* ---- The picture ---- */

static uint32_t pixels[HEIGHT][WIDTH];
static int16_t sine[TURN + TURN / 4]; /* 4095 times the sine of a turn, and a quarter more for the cosine */

/* A wave along x, and how its strength and phase go down the rows. */
static const struct {
    uint16_t length;        /* pixels from crest to crest */
    int16_t slant, bend;    /* how far the phase moves per row; how far it swings */
    uint16_t row;           /* rows of one swing */
    int16_t drift, breathe; /* how fast phase and swing move, per 4096 units of time */
} waves[WAVES] = {
    {1024, 2, 520, 900, 9, 5},
    {640, -3, 300, 610, -14, 8},
    {400, 5, 190, 1300, 6, -11},
};
/* Each wave at every pixel of a row and of one length more, so that a row begins anywhere in it; in steps of a quarter
 * pixel, so that it moves smoothly. */
static int16_t along[WAVES][PARTS][LONGEST + WIDTH];

/* Colours that go over into one another, and from the last to the first. */
static const uint32_t palettes[PALETTES][STOPS] = {
    {0x1A1040, 0x4B1D6B, 0xB0306A, 0xFF7A5C, 0xFFD08A, 0x8A4FA3}, /* dusk */
    {0x031B34, 0x04506B, 0x0B8FA0, 0x5FD6C2, 0xE6FFF1, 0x2A7FA8}, /* lagoon */
    {0x140A12, 0x4A0F1C, 0xA8271B, 0xF2711C, 0xFFC857, 0x7A1F2B}, /* ember */
    {0x08102B, 0x123A5C, 0x1F8A70, 0x7BE495, 0xE0F7A8, 0x5B4B9A}, /* aurora */
    {0x0A0D14, 0x1E2A3A, 0x5A6D80, 0xC9D3DA, 0xF5F1E8, 0x6B6257}, /* ink */
};
static uint32_t colours[COLOURS];
static uint32_t palette, palette_before, fade = 256; /* of 256 */

static int32_t turn(uint32_t angle) { return sine[angle % TURN]; }

static void make_sine(void)
{
    /* A point goes round the circle in steps of 1/4096 of a turn. */
    const double step_sine = 0.0015339801862847655, step_cosine = 0.99999882345170188;
    double x = 1, y = 0;
    for (int i = 0; i < TURN + TURN / 4; i++) {
        sine[i] = (int16_t)(y * 4095);
        double next = x * step_cosine - y * step_sine;
        y = y * step_cosine + x * step_sine;
        x = next;
    }
}

static void make_waves(void)
{
    for (int w = 0; w < WAVES; w++) {
        for (uint32_t part = 0; part < PARTS; part++) {
            for (uint32_t x = 0; x < (uint32_t)waves[w].length + WIDTH; x++) {
                along[w][part][x] = (int16_t)turn((x * PARTS + part) * (TURN / PARTS) / waves[w].length);
            }
        }
    }
}

/* Of one colour to another; `part` is of 4096. */
static uint32_t mix(uint32_t from, uint32_t to, uint32_t part)
{
    uint32_t mixed = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t old = from >> shift & 255, new = to >> shift & 255;
        mixed |= ((old * (4096 - part) + new * part) >> 12) << shift;
    }
    return mixed;
}

static uint32_t colour(uint32_t of, uint32_t at)
{
    uint32_t stop = at * STOPS / COLOURS, part = at * STOPS % COLOURS;
    /* It leaves one colour and comes to the next gently. */
    part = (uint32_t)((uint64_t)part * part * (3 * 4096 - 2 * part) >> 24);
    return mix(palettes[of][stop], palettes[of][(stop + 1) % STOPS], part);
}

static void make_colours(void)
{
    for (uint32_t i = 0; i < COLOURS; i++) {
        uint32_t rgb = mix(colour(palette_before, i), colour(palette, i), fade * 16);
        colours[i] = daku_rgb((uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb);
    }
}

/* Draws the picture at a time, of which about 4096 units are a second. */
static void draw(uint32_t time)
{
    for (uint32_t y = 0; y < HEIGHT; y++) {
        const int16_t *wave[WAVES];
        int16_t strength[WAVES];
        for (int w = 0; w < WAVES; w++) {
            uint32_t swing = y * TURN / waves[w].row + (uint32_t)((int32_t)(time >> 5) * waves[w].breathe / 8);
            uint32_t phase = (uint32_t)((int32_t)(time >> 5) * waves[w].drift / 4 + (int32_t)y * waves[w].slant
                                        + turn(swing) * waves[w].bend / 1024);
            uint32_t at = phase % TURN * waves[w].length / (TURN / PARTS);
            wave[w] = &along[w][at % PARTS][at / PARTS];
            strength[w] = (int16_t)(turn(swing / 2 + 700 * (uint32_t)w) / 2 + 2600);
        }
        uint32_t base = (time >> 3) + (uint32_t)turn(y * 3 + (time >> 2)) / 4;
        static uint32_t field[WIDTH];
        for (int x = 0; x < WIDTH; x++) {
            int32_t sum = wave[0][x] * strength[0] + wave[1][x] * strength[1] + wave[2][x] * strength[2];
            field[x] = ((uint32_t)(sum >> 13) + base) % COLOURS;
        }
        for (int x = 0; x < WIDTH; x++) {
            pixels[y][x] = colours[field[x]];
        }
    }
}

/* ---- The program ---- */

static DakuCommand commands[2 * CHANNELS];
static uint32_t posted;
static DakuFrame frame = {WIDTH, HEIGHT, WIDTH * 4, DAKU_FIT, 0};
static DakuTimer timer; /* the time, as often as it is sent */
static DakuWindowActions buttons;
static DakuToolbarNames names;
static DakuMenu menu;
static DakuText button_names[2];
static DakuAction actions[ACTIONS];
static bool closed[CHANNELS + 1];

static void post(DakuCommand command) { commands[posted++] = command; }

/* Opens or sends a channel's message; what the host does not offer, the program does without. */
static void offer(bool first, uint32_t id, uint32_t which, const void *message)
{
    if (!closed[id]) {
        post(first ? daku_open(id, which, message) : daku_send(id, message));
    }
}

static DakuAction action(DakuText name, DakuText description, uint8_t key)
{
    return (DakuAction){.name = name, .description = description, .modifier = 0, .key = key, .pressed = 1};
}

/* Says what can be done: to begin with, and again when Pause becomes Resume. */
static void offer_actions(bool first, bool paused)
{
    static const DakuText pausing[] = {{5, 0}, {4, 0}, {6, 0}}, colouring[] = {{6, 0}, {5, 0}, {7, 0}};
    static const char *const pausing_words[] = {"pause", "stop", "freeze"};
    static const char *const colouring_words[] = {"colour", "color", "palette"};
    static DakuText tags[2][3];
    for (int i = 0; i < 3; i++) {
        tags[0][i] = (DakuText){pausing[i].size, daku_ptr(pausing_words[i])};
        tags[1][i] = (DakuText){colouring[i].size, daku_ptr(colouring_words[i])};
    }
    actions[PAUSE] = paused ? action(DAKU_TEXT("Resume"), DAKU_TEXT("Let the colours flow on"), DAKU_KEY_SPACE)
                            : action(DAKU_TEXT("Pause"), DAKU_TEXT("Hold the picture still"), DAKU_KEY_SPACE);
    actions[PAUSE].search_tags = DAKU_LIST(tags[0]);
    actions[PALETTE] = action(DAKU_TEXT("Next palette"), DAKU_TEXT("Fade to other colours"), DAKU_KEY_A + 'p' - 'a');
    actions[PALETTE].search_tags = DAKU_LIST(tags[1]);
    actions[FASTER] = action(DAKU_TEXT("Faster"), DAKU_TEXT("Flow at twice the speed"), DAKU_KEY_UP);
    actions[SLOWER] = action(DAKU_TEXT("Slower"), DAKU_TEXT("Flow at half the speed"), DAKU_KEY_DOWN);
    menu.options = DAKU_LIST(actions);
    offer(first, MENU, DAKU_MENU, &menu);

    buttons = (DakuWindowActions){2, {paused ? 0x25B6 : 0x23F8, 0x1F3A8, 0}};
    offer(first, BUTTONS, DAKU_WINDOW_ACTIONS, &buttons);
    button_names[0] = actions[PAUSE].name;
    button_names[1] = actions[PALETTE].name;
    names = (DakuToolbarNames){{0, 0}, DAKU_LIST(button_names)};
    offer(first, NAMES, DAKU_TOOLBAR_NAMES, &names);
}

DAKU_RUN
{
    static uint32_t done[CHANNELS];
    bool paused = false, changed = true, shown = true, started = false;
    uint32_t time = 20000, speed = 8;
    uint64_t before = 0;

    make_sine();
    make_waves();
    make_colours();
    frame.pixels = daku_ptr(pixels);
    for (;;) {
        if (shown && (!paused || changed || fade < 256)) {
            if (fade < 256) {
                fade += 8;
                make_colours();
            }
            draw(time);
            offer(!started, FRAME, DAKU_FRAME, &frame);
            offer(!started, CLOCK, DAKU_TIMER, &timer);
            if (!started) {
                offer_actions(true, paused);
            }
            started = true;
            shown = changed = false;
        }
        uint32_t ready = daku_ar(posted, commands, done);
        posted = 0;
        for (uint32_t i = 0; i < ready; i++) {
            uint32_t id = done[i] & ~DAKU_CLOSED;
            uint32_t chosen = ACTIONS;
            if (done[i] & DAKU_CLOSED) {
                closed[id] = true;
                if (id == FRAME) {
                    post(daku_exit(1));
                }
                continue;
            }
            switch (id) {
            case FRAME:
                shown = true;
                break;
            case CLOCK: {
                uint64_t passed = timer.micros - before;
                before = timer.micros;
                /* After a pause, or a while out of sight, it goes on where it was. */
                if (!paused && passed < 300000) {
                    time += (uint32_t)passed * speed / 2000;
                }
                break;
            }
            case BUTTONS:
                chosen = buttons.len; /* the press has been written over it */
                break;
            case MENU:
                chosen = menu.options.size;
                break;
            }
            switch (chosen) {
            case PAUSE:
                paused = !paused;
                offer_actions(false, paused);
                break;
            case PALETTE:
                palette_before = palette;
                palette = (palette + 1) % PALETTES;
                fade = 0;
                break;
            case FASTER:
                speed = speed < 64 ? speed * 2 : speed;
                break;
            case SLOWER:
                speed = speed > 1 ? speed / 2 : speed;
                break;
            }
        }
    }
}
