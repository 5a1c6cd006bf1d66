### What the windows of the shell show and a screen reader speaks, in English.
### Each message is a function of its name in `shell/src/strings/`, with its variables as arguments; `$number` and what a choice
### is made by are whole numbers, all others are text. The other languages hold the same messages.

## Pages and cards in a program's window

# Heading of the loading page.
opening = Opening { $title }
loading = The first start takes a moment; the next one is quick.
# Accessible name of the progress line.
progress = Progress
# Heading of the overlay over an unresponsive program.
not-answering = { $title } is not answering
not-answering-text = It has not reacted for five seconds. You can wait, or end it; what it has not saved is lost.
wait = Wait
end = End
# Heading over a program that takes its time to end.
closing = Closing { $title }
closing-text = It has two seconds to save what it holds.
# Headings of the page that a program leaves behind.
has-ended = { $title } has ended
has-stopped = { $title } has stopped
cannot-open = { $title } can't be opened
# One sentence that says how a program ended.
ended-code = It ended with code { $number }.
was-ended = It was ended.
show-details = Show details
hide-details = Hide details
copy-report = Copy report
restart-button = Restart
# In other words than the toolbar's `close`, so that the two can be told apart.
close-window = Close window

## Why a program could not be started

no-thread = The system has no thread for it.
no-such-portal = A portal was named that does not exist.
no-engine = The engine can't run on this machine.
no-file = The file can't be read.
damaged = The file is not what was installed: it is damaged. Remove the program, and install it again.
no-program = It lacks something that it needs, or is no program at all.
not-valid = It is not valid WebAssembly.
# Of a program that is too much work to compile: its limit, how that compares, and what can be done. The three stand one after another.
over-memory = Compiling it takes more than { $number } MiB of memory.
over-time = Compiling it takes more than { $number } seconds of processor time.
usual-budget = { $number ->
    [one] That is the usual limit for a file of its size.
   *[other] That is { $number } times the usual limit for a file of its size.
}
more-budget = Run by “portico run --compile-budget { $number }”, it may take { $number } times the usual.
most-budget = It can't be given more.
not-compiled = The compiler failed.
no-import = It wants something that is not there.
not-started = It could not be started.

## The toolbar

minimise = Minimise
maximise = Maximise
restore = Restore size
close = Close
search = Search
show-tabs = Show tabs
hide-tabs = Hide tabs
# Names of buttons that the program gave none.
navigation-button = Navigation { $number }
action-button = Action { $number }

## The permission prompt, and the privacy indicators of the toolbar

# Heading of the prompt; below it stands what a portal is for.
prompt-heading = Allow “{ $title }” to do this?
# What the program itself says.
prompt-reason = It says: “{ $reason }”
prompt-no-reason = It gives no reason.
prompt-more = { $number ->
    [one] One more question waits.
   *[other] { $number } more questions wait.
}
# Instead of the prompt, where the window has no room for all of it.
prompt-no-room = “{ $title }” asks for something, but this window is too small for the question.
prompt-make-room = Make the window larger
dont-allow = Don't allow
allow-once = Allow once
allow = Allow
not-now = Not now
# Accessible name of a privacy indicator.
privacy-indicator = In use: { $portal }
in-use = { $title } uses this now
just-used = { $title } has just used this
take-back = Take back

## The list of tabs

tabs = Tabs
pin = Keep open
unpin = Don't keep open
untitled = Untitled

## The HUD

hud-hint = Type an action, a window or a program
nothing-found = Nothing found
# Headings above groups of lines.
program-actions = Actions
shell-actions = Window
open-windows = Open windows
switch-to = Switch to this window
# Above a path, a link or a hash that was typed whole.
as-typed = As typed
open-typed = Open { $text }

## Actions of the shell: name, what they do, and words that find them, separated by commas

full-screen = Full screen
    .about = Fill the whole screen
    .tags = maximise, big
leave-full-screen = Leave full screen
    .about = Back to a window
    .tags = window, exit
screenshot = Screenshot
    .about = Save a picture of this window
    .tags = capture, image, photo
minimise-window = Minimise
    .about = Put this window away
    .tags = hide, minimize, iconify
maximise-window = Maximise
    .about = As large as the screen allows
    .tags = maximize, big, zoom
restore-window = Restore size
    .about = Back to the size before
    .tags = unmaximise, window
save-log = Save log
    .about = What this program has printed, as a file
    .tags = show log, console, output, debug
restart = Restart program
    .about = End it and start it again
    .tags = reload, reset
end-program = End program
    .about = Stop it at once; nothing is saved
    .tags = kill, stop, quit
close-program = Close window
    .about = The program may save before it ends
    .tags = quit, exit
# Of a window without a program.
close-own = Close window
    .about = What is open elsewhere stays
    .tags = quit, exit
home = Home
    .about = Programs to open
    .tags = start, apps, launcher, open

## Shortcuts of the shell, on the overlay that holding the logo key shows

shortcuts = Shortcuts

## Home

# Hint and accessible name of the search field.
home-search = Search, or paste a path, a link or a hash to open it
home-programs = Programs
home-empty = Nothing is installed yet. Drop a .wasm file here, and it stays.
# Heading above the programs that came with the shell.
home-examples = Examples
# Says what was removed, beside a button that brings it back.
removed = { $name } was removed
undo = Undo
# The menu of a program.
open = Open
install = Install
copy-hash = Copy hash
share = Copy link
remove = Remove
signed-by = Signed by { $publisher }
not-signed = Not signed
hash-copied = The hash of { $name } is on the clipboard.
link-copied = A link to { $name } is on the clipboard.
no-such-thing = Nothing was opened: { $why }
not-opened = Not opened: { $why }
not-kept = Not everything was copied: { $why }
no-local-file = Not a file on this computer: { $what }
and-more = { $what }; and { $number } more
not-removed = Nothing was removed: { $why }

## Settings

settings = Settings
    .about-page = Permissions, look, language, shortcuts and storage
    .tags = preferences, options, configure, theme, language
permissions = Permissions of this program
    .about = What it may do, and what it may not
    .tags = grants, allow, deny, privacy, security
# In the list of sections; what it is about in full stands above the section itself.
settings-permissions = Permissions
settings-programs = Programs and permissions
programs-about = What each program may do. A change acts at once, also on a program that runs.
programs-none = No program is known yet. Those that you install or that ask for something stand here.
programs-find = Find a program
# Headings of the two kinds of portals.
group-ask = Only if you allow it
group-open = Every program, unless you say no
# What holds for a program and a portal.
holds-open = Allowed, as to every program
holds-asks = You are asked first
holds-always = Allowed
holds-never = Not allowed
holds-once = Allowed until it ends
holds-not-now = Not allowed until it ends
# Accessible name of a cell.
grant-cell = { $program }: { $what }: { $holds }
grant-of = { $program }: { $what }
# Accessible name of a choice.
grant-choice = { $choice }: { $what }
choice-ask = Ask me
choice-allow = Allow
choice-deny = Don't allow
always-used = Allowed; last of use { $when }. { $days ->
    [0] Lapses today unless it is used.
    [one] Lapses tomorrow unless it is used.
   *[other] Lapses in { $days } days unless it is used.
}
never-said = Not allowed; you said so { $when }.
days-ago = { $days ->
    [0] today
    [one] yesterday
   *[other] { $days } days ago
}
# Accessible name of a program that runs.
program-runs = { $program }, runs now
runs-now = Runs now
# What is known of a program that nobody signed: the beginning of its hash.
known-by = Not signed, known by its bytes: { $hash }
said-about = { $number ->
    [one] You have said something about one permission
   *[other] You have said something about { $number } permissions
}
programs-forget = Forget all of that
settings-profile = You
profile-about = Programs are told this about you, unless you deny it to them in Permissions.
profile-user-name = User name
profile-full-name = Full name
profile-languages = Languages
profile-languages-about = The most preferred first.
# While the user has no list.
profile-languages-desktop = Those of the shell and of the desktop, the most preferred first, until you change something here.
profile-list-removed = Your list was removed
profile-up = Move up
profile-add = Add a language
profile-add-hint = Its name, or a tag: de, pt-BR
profile-no-language = No language is called so. A tag has two letters, and two more for a region: pt-BR.
profile-not-kept = It was not saved: { $why }

settings-look = Appearance
settings-shortcuts = Shortcuts
settings-storage = Storage
settings-about = About

settings-broker = Message broker
broker-about = Programs exchange messages over it, with each other and with native programs. It ends with the shell.
broker-start = It runs
broker-when-asked = When a program asks for it
broker-with-shell = With the shell
broker-none = No broker runs.
broker-connections = Connected
broker-nobody = Nobody is connected.
broker-ports-open = { $number ->
    [0] no port
    [one] one port
   *[other] { $number } ports
}
broker-traffic = { $sent } messages sent, { $received } received
broker-ports = Ports
broker-handles = Handles { $types }
broker-services = Services
broker-processes = { $number ->
    [0] does not run
    [one] runs
   *[other] { $number } processes
}

as-desktop = As the desktop
look-appearance = Look
look-light = Light
look-dark = Dark
look-scale = Size
look-scale-about = Of everything in all windows, beside the display's own scale.
percent = { $number } %
look-motion = Motion
look-motion-about = Programs are told, and those that follow it stand still.
motion-full = Full
motion-reduced = Reduced
look-language = Language

shortcuts-about = The shell's own. They win over those of programs.
shortcuts-reset = Reset all
shortcut-hud = Find actions, windows and programs
# The second shortcut for the same.
shortcut-hud-also = Find, second shortcut
shortcut-search = Go to the search field
shortcut-toolbar = Go to the toolbar
shortcut-none = None
shortcut-change = Change
shortcut-remove = Remove
shortcut-reset = Reset
# Shown while the next shortcut is waited for.
shortcut-press = Press it, or Esc
shortcut-also = The same as for “{ $other }”: only one of them acts.
shortcut-hides = { $program } has it for “{ $action }”, and does not get it.
cancel = Cancel

storage-counting = Counting …
storage-compiled = Compiled code
storage-compiled-about = Lets programs start at once. It is made again when it is wanted.
storage-compiled-clear = Throw away
storage-log = Log
storage-log-about = What programs and the shell have printed since the shell started. It goes when the shell ends.
storage-log-clear = Clear
storage-programs = Programs
storage-programs-about = Each with its own file, where it is installed, the files that it keeps, and its compiled code.
# What a program takes: the parts of a number of bytes.
space-program = program { $bytes }
space-files = files { $bytes }
space-compiled = compiled { $bytes }
# What belongs to no program that is known here.
space-others = Programs that are not installed
storage-remembered = What the shell remembers
storage-remembered-about = Settings, sizes of windows, permissions, and what you chose in the HUD.

about-portico = A desktop for sandboxed programs: each one a WebAssembly file, opened as a window.
about-system = System
about-licence = Licence
about-fonts = Typeface

## The task list

tasks = Task list
    .about = What runs, and what it takes
    .tags = processes, cpu, memory, monitor, kill
task-title = Program
task-cpu = CPU
task-memory = Memory
task-frames = Frames/s
task-messages = Messages/s
task-uses = Uses now
percentage = { $share } %
# Accessible name of the button above a column.
task-sort = Sort by { $column }
task-none = No program runs.
task-end = End
task-log = Log
task-show = Show window

## The log

log = Log
    .about = What programs and the shell have printed
    .tags = console, output, debug, trace
show-log = Log of this program
    .about = What it has printed, and its debug console
    .tags = console, output, debug
log-all = All programs
log-program = Program
# A program in the list of programs, with a number that tells it from others of its name.
log-source = { $title } ({ $place })
log-level = Least level
log-index = Index
log-text = Find in the text
log-follow = Follow
log-copy = Copy
log-clear = Clear
log-nothing = Nothing has been printed that fits.
# Accessible name of the list of lines.
log-rows = { $count ->
    [one] One line
    *[other] { $count } lines
}
level-debug = Debug
level-info = Info
level-warning = Warning
level-error = Error
console = Debug console
console-hint = Type a line for the debug console of this program
console-deaf = This program does not read its debug console
console-choose = Choose a program to type into its debug console

## Notices

saved = Saved { $path }
not-saved = Nothing was saved: { $why }
set-aside = What Portico remembered was damaged: your permissions and settings begin anew. The damaged file is kept as { $file }; this is said until you delete it.
not-remembered = Portico can't read what it remembers, and will keep nothing: { $reason }
# Of a text that was to be put on the clipboard, and of one that was to be taken from it.
not-copied = Nothing was copied: { $why }
not-pasted = Nothing was pasted: the clipboard does not answer
nothing-to-paste = There is no text on the clipboard
too-long-to-paste = The text on the clipboard is too long for this field

## What a program may do, by the name of the portal

portal-arguments = Read the arguments that it was started with
portal-bluetooth = Use Bluetooth
portal-camera = See through the camera
portal-change-profile = Change the user's name and languages
portal-clipboard = Use the clipboard while its window has the focus
portal-clipboard-unfocused = Read the clipboard while another window has the focus
portal-clock = Read the clock and set timers
portal-console = Read what is typed into its debug console
portal-controllers = Hear game controllers
portal-cursor = Follow the cursor over its window, and change its shape there
portal-drop = Receive files that you drop on its window
portal-framebuffer = Show pictures in its window
portal-gpio = Use pins of this computer
portal-gpu = Compute and draw on the GPU
portal-http = Use the network
portal-interfaces = Exchange messages with other programs
portal-keys = Hear the keyboard while its window has the focus
portal-launch = Start other programs
portal-log = Write to its log
portal-menu = Offer actions in the HUD, with shortcuts
portal-microphone = Hear the microphone
portal-notifications = Show notifications
portal-overclock = Turn off the frequency boost of the processor
portal-ports = Exchange messages with native programs
portal-profile = Know the user's name and languages
portal-random = Draw random numbers
portal-search = Show a search field in its toolbar
portal-sharing = Exchange files with you and other programs
portal-speakers = Play sound
portal-storage = Keep files of its own
portal-system = Know what kind of computer and system it runs on
portal-tabs = List tabs behind the hamburger button
portal-tasks = Start tasks of its own
portal-text = Receive text that is typed into its window
portal-toolbar = Put buttons into the toolbar of its window
portal-why = Learn why a request failed
portal-window = Know the size and state of its window, and set its title

## Devices and the like, by the name of the portal that uses them

device-bluetooth = Bluetooth
device-camera = Camera
device-clipboard-unfocused = Clipboard
device-gpio = Pins
device-http = Network
device-microphone = Microphone
device-ports = Native programs

## Keys, as on their caps; letters, digits, F1 to F24 and single signs are the same everywhere

key-ctrl = Ctrl
key-alt = Alt
key-shift = Shift
key-logo = Logo
key-enter = Enter
key-esc = Esc
key-backspace = Backspace
key-tab = Tab
key-space = Space
key-caps-lock = Caps Lock
key-print = Print
key-scroll-lock = Scroll Lock
key-pause = Pause
key-insert = Insert
key-home = Home
key-page-up = Page Up
key-delete = Delete
key-end = End
key-page-down = Page Down
key-right = Right
key-left = Left
key-down = Down
key-up = Up
key-num-lock = Num Lock
key-menu = Menu
# A key of the number block.
keypad = Num { $key }
# A key without a name, by its number.
unknown-key = Key { $code }
