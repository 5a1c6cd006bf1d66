### Kion la fenestroj de la ŝelo montras kaj ekranlegilo parolas, en Esperanto.
### La samaj mesaĝoj kiel en la angla dosiero, kun la samaj variabloj.

## Paĝoj kaj kartoj en fenestro de programo

opening = Malfermiĝas { $title }
loading = La unua lanĉo daŭras iom; la sekva estos rapida.
progress = Progreso
not-answering = { $title } ne respondas
not-answering-text = Ĝi ne reagis dum kvin sekundoj. Vi povas atendi aŭ ĉesigi ĝin; kion ĝi ne konservis, tio perdiĝos.
wait = Atendi
end = Ĉesigi
closing = Fermiĝas { $title }
closing-text = Ĝi havas du sekundojn por konservi sian enhavon.
has-ended = { $title } finiĝis
has-stopped = { $title } paneis
cannot-open = { $title } ne malfermeblas
ended-code = Ĝi finiĝis kun la kodo { $number }.
was-ended = Ĝi estis ĉesigita.
show-details = Montri detalojn
hide-details = Kaŝi detalojn
copy-report = Kopii raporton
restart-button = Relanĉi
close-window = Fermi fenestron

## Kial programo ne povis esti lanĉita

no-thread = La sistemo ne havas fadenon por ĝi.
no-such-portal = Estis nomita portalo, kiu ne ekzistas.
no-engine = La motoro ne funkcias en ĉi tiu komputilo.
no-file = La dosiero ne estas legebla.
damaged = La dosiero ne plu estas tio, kio estis instalita: ĝi estas difektita. Forigu la programon kaj instalu ĝin denove.
no-program = Mankas al ĝi io bezonata, aŭ ĝi tute ne estas programo.
not-valid = Ĝi ne estas valida WebAssembly.
over-memory = Traduki ĝin bezonas pli ol { $number } MiB da memoro.
over-time = Traduki ĝin bezonas pli ol { $number } sekundojn da tempo de la procesoro.
usual-budget = { $number ->
    [one] Tio estas la kutima limo por dosiero de ĝia grando.
   *[other] Tio estas { $number }-oble la kutima limo por dosiero de ĝia grando.
}
more-budget = Rulite per «portico run --compile-budget { $number }», ĝi rajtas preni { $number }-oble la kutiman.
most-budget = Pli ne povas esti donita al ĝi.
not-compiled = La tradukilo fiaskis.
no-import = Ĝi volas ion, kio ne ekzistas ĉi tie.
not-started = Ĝi ne povis esti lanĉita.

## La ilobreto

minimise = Minimumigi
maximise = Maksimumigi
restore = Restarigi grandon
close = Fermi
search = Serĉi
show-tabs = Montri langetojn
hide-tabs = Kaŝi langetojn
navigation-button = Navigado { $number }
action-button = Ago { $number }

## La demanda folio kaj la lampoj de la ilobreto

prompt-heading = Ĉu permesi tion al “{ $title }”?
prompt-reason = Ĝi diras: “{ $reason }”
prompt-no-reason = Ĝi donas neniun kialon.
prompt-more = { $number ->
    [one] Unu plia demando atendas.
   *[other] { $number } pliaj demandoj atendas.
}
prompt-no-room = “{ $title }” petas ion, sed ĉi tiu fenestro estas tro malgranda por la demando.
prompt-make-room = Pligrandigi la fenestron
dont-allow = Ne permesi
allow-once = Permesi unufoje
allow = Permesi
not-now = Ne nun
privacy-indicator = Uzata: { $portal }
in-use = { $title } uzas tion nun
just-used = { $title } ĵus uzis tion
take-back = Repreni

## La listo de langetoj

tabs = Langetoj
pin = Teni malfermita
unpin = Ne teni malfermita
untitled = Sen titolo

## La serĉpanelo

hud-hint = Tajpu agon, fenestron aŭ programon
nothing-found = Nenio trovita
program-actions = Agoj
shell-actions = Fenestro
open-windows = Malfermitaj fenestroj
switch-to = Iri al ĉi tiu fenestro
as-typed = Kiel tajpite
open-typed = Malfermi { $text }

## Agoj de la ŝelo: nomo, kion ili faras, kaj vortoj, kiuj trovas ilin, disigitaj per komoj

full-screen = Plena ekrano
    .about = Plenigi la tutan ekranon
    .tags = maksimumigi, granda
leave-full-screen = Forlasi plenan ekranon
    .about = Reen al fenestro
    .tags = fenestro, eliri
screenshot = Ekrankopio
    .about = Konservi bildon de ĉi tiu fenestro
    .tags = kapti, bildo, foto
minimise-window = Minimumigi
    .about = Formeti ĉi tiun fenestron
    .tags = kaŝi, bildsimbolo
maximise-window = Maksimumigi
    .about = Tiel granda, kiel la ekrano permesas
    .tags = granda, zomi
restore-window = Restarigi grandon
    .about = Reen al la antaŭa grando
    .tags = malmaksimumigi, fenestro
save-log = Konservi protokolon
    .about = Kion ĉi tiu programo skribis, kiel dosiero
    .tags = montri protokolon, konzolo, eligo, sencimigo
restart = Relanĉi programon
    .about = Ĉesigi ĝin kaj lanĉi denove
    .tags = reŝargi, rekomenci
end-program = Ĉesigi programon
    .about = Haltigi ĝin tuj; nenio estos konservita
    .tags = mortigi, haltigi, eliri
close-program = Fermi fenestron
    .about = La programo povas konservi antaŭ ol finiĝi
    .tags = eliri, forlasi
close-own = Fermi fenestron
    .about = Kio estas malfermita aliloke, tio restas
    .tags = eliri, forlasi
home = Hejmo
    .about = Programoj por malfermi
    .tags = komenco, aplikaĵoj, lanĉilo, malfermi

## Klavkombinoj de la ŝelo

shortcuts = Klavkombinoj

## Hejmo

home-search = Serĉu, aŭ algluu vojon, ligilon aŭ haketaĵon por malfermi ĝin
home-programs = Programoj
home-empty = Ankoraŭ nenio estas instalita. Demetu ĉi tien dosieron .wasm, kaj ĝi restos.
home-examples = Ekzemploj
removed = { $name } estis forigita
undo = Malfari
open = Malfermi
install = Instali
copy-hash = Kopii haketaĵon
share = Kopii ligilon
remove = Forigi
signed-by = Subskribita de { $publisher }
not-signed = Ne subskribita
hash-copied = La haketaĵo de { $name } estas en la tondujo.
link-copied = Ligilo al { $name } estas en la tondujo.
no-such-thing = Nenio estis malfermita: { $why }
not-opened = Ne malfermita: { $why }
not-kept = Ne ĉio estis kopiita: { $why }
no-local-file = Ne dosiero en ĉi tiu komputilo: { $what }
and-more = { $what }; kaj { $number } pli
not-removed = Nenio estis forigita: { $why }

## Agordoj

settings = Agordoj
    .about-page = Permesoj, aspekto, lingvo, klavkombinoj kaj konservejo
    .tags = preferoj, opcioj, agordi, temo, lingvo
permissions = Permesoj de ĉi tiu programo
    .about = Kion ĝi rajtas fari, kaj kion ne
    .tags = rajtoj, permesi, malpermesi, privateco, sekureco
settings-permissions = Permesoj
settings-programs = Programoj kaj permesoj
programs-about = Kion ĉiu programo rajtas fari. Ŝanĝo efikas tuj, ankaŭ ĉe programo, kiu funkcias.
programs-none = Ankoraŭ neniu programo estas konata. Ĉi tie staros tiuj, kiujn vi instalas aŭ kiuj petas ion.
programs-find = Serĉi programon
group-ask = Nur se vi permesas tion
group-open = Ĉiu programo, se vi ne diras ne
holds-open = Permesata, kiel al ĉiu programo
holds-asks = Vi estos demandita
holds-always = Permesata
holds-never = Ne permesata
holds-once = Permesata ĝis ĝi finiĝos
holds-not-now = Ne permesata ĝis ĝi finiĝos
grant-cell = { $program }: { $what }: { $holds }
grant-of = { $program }: { $what }
grant-choice = { $choice }: { $what }
choice-ask = Demandi min
choice-allow = Permesi
choice-deny = Ne permesi
always-used = Permesata; laste uzita { $when }. { $days ->
    [0] Senvalidiĝos hodiaŭ, se ĝi ne estos uzata.
    [one] Senvalidiĝos morgaŭ, se ĝi ne estos uzata.
   *[other] Senvalidiĝos post { $days } tagoj, se ĝi ne estos uzata.
}
never-said = Ne permesata; tion vi diris { $when }.
days-ago = { $days ->
    [0] hodiaŭ
    [one] hieraŭ
   *[other] antaŭ { $days } tagoj
}
program-runs = { $program }, nun funkcias
runs-now = Nun funkcias
known-by = Ne subskribita, konata laŭ siaj bajtoj: { $hash }
said-about = { $number ->
    [one] Vi diris ion pri unu permeso
   *[other] Vi diris ion pri { $number } permesoj
}
programs-forget = Forgesi ĉion ĉi
settings-profile = Vi
profile-about = Tion programoj ekscias pri vi, se vi ne malpermesas tion al ili ĉe Permesoj.
profile-user-name = Uzantnomo
profile-full-name = Plena nomo
profile-languages = Lingvoj
profile-languages-about = La plej preferata unue.
# While the user has no list.
profile-languages-desktop = Tiuj de la ŝelo kaj de la labortablo, la plej preferata unue, ĝis vi ŝanĝos ion ĉi tie.
profile-list-removed = Via listo estis forigita
profile-up = Supren
profile-add = Aldoni lingvon
profile-add-hint = Ĝia nomo, aŭ etikedo: de, pt-BR
profile-no-language = Neniu lingvo nomiĝas tiel. Etikedo havas du literojn, kaj du pliajn por regiono: pt-BR.
profile-not-kept = Ĝi ne konserviĝis: { $why }

settings-look = Aspekto
settings-shortcuts = Klavkombinoj
settings-storage = Konservejo
settings-about = Pri Portico

settings-broker = Mesaĝperanto
broker-about = Per ĝi programoj interŝanĝas mesaĝojn, inter si kaj kun indiĝenaj programoj. Ĝi finiĝas kun la ŝelo.
broker-start = Ĝi funkcias
broker-when-asked = Kiam programo petas ĝin
broker-with-shell = Kun la ŝelo
broker-none = Neniu peranto funkcias.
broker-connections = Konektitaj
broker-nobody = Neniu estas konektita.
# A program of this shell, among those that are connected.
broker-ports-open = { $number ->
    [0] neniu pordo
    [one] unu pordo
   *[other] { $number } pordoj
}
broker-traffic = { $sent } mesaĝoj senditaj, { $received } ricevitaj
broker-ports = Pordoj
broker-handles = Prizorgas { $types }
broker-services = Servoj
broker-processes = { $number ->
    [0] ne funkcias
    [one] funkcias
   *[other] { $number } procezoj
}

as-desktop = Laŭ la labortablo
look-appearance = Aspekto
look-light = Hela
look-dark = Malhela
look-scale = Grando
look-scale-about = De ĉio en ĉiuj fenestroj, krom la propra skalo de la ekrano.
percent = { $number } %
look-motion = Movado
look-motion-about = Programoj ekscias tion, kaj tiuj, kiuj sekvas ĝin, staras senmove.
motion-full = Plena
motion-reduced = Malmulta
look-language = Lingvo

shortcuts-about = Tiuj de la ŝelo mem. Ili superas tiujn de programoj.
shortcuts-reset = Restarigi ĉiujn
shortcut-hud = Trovi agojn, fenestrojn kaj programojn
shortcut-hud-also = Trovi, dua klavkombino
shortcut-search = Iri al la serĉkampo
shortcut-toolbar = Iri al la ilobreto
shortcut-none = Neniu
shortcut-change = Ŝanĝi
shortcut-remove = Forigi
shortcut-reset = Restarigi
shortcut-press = Premu ĝin, aŭ Esc
shortcut-also = La sama kiel por «{ $other }»: nur unu el ili agas.
shortcut-hides = { $program } havas ĝin por «{ $action }», kaj ne ricevas ĝin.
cancel = Nuligi

storage-counting = Kalkulado …
storage-compiled = Tradukita kodo
storage-compiled-about = Per ĝi programoj lanĉiĝas tuj. Ĝi estos refarita laŭbezone.
storage-compiled-clear = Forĵeti
storage-log = Protokolo
storage-log-about = Kion programoj kaj la ŝelo skribis de post la lanĉo de la ŝelo. Ĝi malaperas kun la ŝelo.
storage-log-clear = Vakigi
storage-programs = Programoj
storage-programs-about = Ĉiu kun sia propra dosiero, se ĝi estas instalita, la dosieroj, kiujn ĝi tenas, kaj sia tradukita kodo.
space-program = programo { $bytes }
space-files = dosieroj { $bytes }
space-compiled = tradukita { $bytes }
space-others = Programoj, kiuj ne estas instalitaj
storage-remembered = Kion la ŝelo memoras
storage-remembered-about = Agordoj, grandoj de fenestroj, permesoj, kaj kion vi elektis en la serĉpanelo.

about-portico = Labortablo por izolitaj programoj: ĉiu estas unu dosiero de WebAssembly, malfermita kiel fenestro.
about-system = Sistemo
about-licence = Permesilo
about-fonts = Tiparo

## La tasklisto

tasks = Tasklisto
    .about = Kio funkcias, kaj kiom ĝi bezonas
    .tags = procezoj, procesoro, memoro, ĉesigi
task-title = Programo
task-cpu = Procesoro
task-memory = Memoro
task-frames = Kadroj/s
task-messages = Mesaĝoj/s
task-uses = Nun uzas
percentage = { $share } %
task-sort = Ordigi laŭ: { $column }
task-none = Neniu programo funkcias.
task-end = Ĉesigi
task-log = Protokolo
task-show = Montri fenestron

## La protokolo

log = Protokolo
    .about = Kion programoj kaj la ŝelo skribis
    .tags = konzolo, eligo, sencimigo, spuro
show-log = Protokolo de ĉi tiu programo
    .about = Kion ĝi skribis, kaj ĝia sencimiga konzolo
    .tags = konzolo, eligo, sencimigo
log-all = Ĉiuj programoj
log-program = Programo
log-source = { $title } ({ $place })
log-level = Plej malalta nivelo
log-index = Indekso
log-text = Serĉi en la teksto
log-follow = Sekvi
log-copy = Kopii
log-clear = Vakigi
log-nothing = Nenio konvena estas skribita.
log-rows = { $count ->
    [one] Unu linio
    *[other] { $count } linioj
}
level-debug = Sencimigo
level-info = Informo
level-warning = Averto
level-error = Eraro
console = Sencimiga konzolo
console-hint = Tajpu linion por la sencimiga konzolo de ĉi tiu programo
console-deaf = Ĉi tiu programo ne legas sian sencimigan konzolon
console-choose = Elektu programon por tajpi en ĝian sencimigan konzolon

## Sciigoj

saved = Konservis { $path }
not-saved = Nenio estis konservita: { $why }
set-aside = Tio, kion Portico memoris, estis difektita: viaj permesoj kaj agordoj komenciĝas denove. La difektita dosiero estas konservita kiel { $file }; tio estas dirata, ĝis vi forigos ĝin.
not-remembered = Portico ne povas legi tion, kion ĝi memoras, kaj konservos nenion: { $reason }
not-copied = Nenio estis kopiita: { $why }
not-pasted = Nenio estis algluita: la tondujo ne respondas
nothing-to-paste = Estas neniu teksto en la tondujo
too-long-to-paste = La teksto en la tondujo estas tro longa por tiu ĉi kampo

## Kion programo rajtas fari, laŭ la nomo de la portalo

portal-arguments = Legi la argumentojn, kun kiuj ĝi estis lanĉita
portal-bluetooth = Uzi Bludenton
portal-camera = Vidi tra la kamerao
portal-change-profile = Ŝanĝi la nomon kaj la lingvojn de la uzanto
portal-clipboard = Uzi la tondujon, dum ĝia fenestro havas la fokuson
portal-clipboard-unfocused = Legi la tondujon, dum alia fenestro havas la fokuson
portal-clock = Legi la horloĝon kaj starigi tempumilojn
portal-console = Legi tion, kio estas tajpata en ĝian sencimigan konzolon
portal-controllers = Aŭdi ludregilojn
portal-cursor = Sekvi la kursoron super sia fenestro, kaj tie ŝanĝi ĝian formon
portal-drop = Ricevi dosierojn, kiujn vi demetas sur ĝian fenestron
portal-framebuffer = Montri bildojn en sia fenestro
portal-gpio = Uzi stiftojn de ĉi tiu komputilo
portal-gpu = Kalkuli kaj desegni per la grafika procesoro
portal-http = Uzi la reton
portal-interfaces = Interŝanĝi mesaĝojn kun aliaj programoj
portal-keys = Aŭdi la klavaron, dum ĝia fenestro havas la fokuson
portal-launch = Lanĉi aliajn programojn
portal-log = Skribi al sia protokolo
portal-menu = Proponi agojn en la serĉpanelo, kun klavkombinoj
portal-microphone = Aŭdi la mikrofonon
portal-notifications = Montri sciigojn
portal-overclock = Malŝalti la rapidigon de la procesoro
portal-ports = Interŝanĝi mesaĝojn kun indiĝenaj programoj
portal-profile = Scii la nomon kaj la lingvojn de la uzanto
portal-random = Ricevi hazardajn nombrojn
portal-search = Montri serĉkampon en sia ilobreto
portal-sharing = Interŝanĝi dosierojn kun vi kaj aliaj programoj
portal-speakers = Ludi sonon
portal-storage = Konservi proprajn dosierojn
portal-system = Scii, sur kia komputilo kaj sistemo ĝi funkcias
portal-tabs = Listigi langetojn malantaŭ la menubutono
portal-tasks = Lanĉi proprajn taskojn
portal-text = Ricevi tekston, kiu estas tajpata en ĝian fenestron
portal-toolbar = Meti butonojn en la ilobreton de sia fenestro
portal-why = Ekscii, kial peto malsukcesis
portal-window = Scii la grandon kaj la staton de sia fenestro, kaj doni titolon al ĝi

## Aparatoj kaj similaĵoj, laŭ la nomo de la portalo, kiu uzas ilin

device-bluetooth = Bludento
device-camera = Kamerao
device-clipboard-unfocused = Tondujo
device-gpio = Pingloj
device-http = Reto
device-microphone = Mikrofono
device-ports = Denaskaj programoj

## Klavoj, kiel sur iliaj ĉapoj; literoj, ciferoj, F1 ĝis F24 kaj unuopaj signoj estas ĉie la samaj

key-ctrl = Stir
key-alt = Alt
key-shift = Maj
key-logo = Emblemo
key-enter = Enigi
key-esc = Esk
key-backspace = Retropaŝo
key-tab = Tabo
key-space = Spaco
key-caps-lock = Majuskla baskulo
key-print = Presi
key-scroll-lock = Ruluma baskulo
key-pause = Paŭzo
key-insert = Enmeti
key-home = Hejmen
key-page-up = Paĝo supren
key-delete = Forigi
key-end = Finen
key-page-down = Paĝo malsupren
key-right = Dekstren
key-left = Maldekstren
key-down = Malsupren
key-up = Supren
key-num-lock = Nombra baskulo
key-menu = Menuo
keypad = Nombra { $key }
unknown-key = Klavo { $code }
