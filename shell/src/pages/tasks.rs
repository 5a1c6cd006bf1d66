//! The task list: what each program uses, with buttons to end or restart it.

use super::widgets::button_at_right;
use crate::chrome::Page;
use crate::chrome::controls::{Canvas, scroll_area};
use crate::chrome::fonts;
use crate::chrome::theme::{self, CONTROL_RADIUS, UNIT};
use crate::strings;
use egui::{Color32, CornerRadius, Id, Rect, Role, Sense, Stroke, StrokeKind, UiBuilder, WidgetInfo, pos2, vec2};
use parking_lot::Mutex;
use portico_kernel::Permission;
use portico_model::{Event, ShellCommand, WindowId, fold::fold};
use std::cmp::Ordering;
use std::sync::Arc;

/// Height of a line.
const ROW: f32 = 36.0;
/// Height of the names of the columns.
const HEAD: f32 = 32.0;
/// Height of the line of buttons.
const FOOT: f32 = 48.0;

/// Rows of the task list, which the shell updates while it is open. Cheap to clone.
pub type Table = Arc<Mutex<Vec<Task>>>;

/// A running program, and what it uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its window.
    pub window: WindowId,
    /// Its name.
    pub title: String,
    /// Whether it answers.
    pub answers: bool,
    /// Share of one processor, in percent, over the last second.
    pub cpu: Option<f64>,
    /// Bytes of linear memory.
    pub memory: u64,
    /// Frames shown a second.
    pub frames: Option<f64>,
    /// Messages to the host and from it a second.
    pub messages: Option<f64>,
    /// Permissions that it uses now.
    pub uses: Vec<Permission>,
}

/// Sort key of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortKey {
    Title,
    Cpu,
    Memory,
    Frames,
    Messages,
    Uses,
}

impl SortKey {
    fn name(self) -> &'static str {
        match self {
            Self::Title => strings::task_title(),
            Self::Cpu => strings::task_cpu(),
            Self::Memory => strings::task_memory(),
            Self::Frames => strings::task_frames(),
            Self::Messages => strings::task_messages(),
            Self::Uses => strings::task_uses(),
        }
    }

    fn compare(self, a: &Task, b: &Task) -> Ordering {
        let rate = |a: Option<f64>, b: Option<f64>| a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0));
        match self {
            Self::Title => fold(&a.title).cmp(&fold(&b.title)),
            Self::Cpu => rate(a.cpu, b.cpu),
            Self::Memory => a.memory.cmp(&b.memory),
            Self::Frames => rate(a.frames, b.frames),
            Self::Messages => rate(a.messages, b.messages),
            Self::Uses => a.uses.cmp(&b.uses),
        }
    }

    /// Whether the most interesting end of it is the highest.
    fn falls(self) -> bool {
        !matches!(self, Self::Title | Self::Uses)
    }

    fn text(self, task: &Task) -> String {
        let rate = |rate: Option<f64>, digits| rate.map_or_else(|| "–".into(), |rate| strings::decimal(rate, digits));
        match self {
            Self::Title if task.answers => task.title.clone(),
            Self::Title => strings::not_answering(&task.title),
            Self::Cpu => task
                .cpu
                .map_or_else(|| "–".into(), |cpu| strings::percentage(&strings::decimal(cpu, 1))),
            Self::Memory => strings::bytes(task.memory),
            Self::Frames => rate(task.frames, 0),
            Self::Messages => rate(task.messages, 0),
            Self::Uses => {
                let name = |used: &Permission| strings::device(used.portal).unwrap_or(used.portal);
                task.uses.iter().map(name).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// The page.
pub struct Tasks {
    table: Table,
    by: SortKey,
    falling: bool,
    selected: Option<WindowId>,
}

impl Tasks {
    /// A task list that shows what is in `table`.
    pub fn new(table: Table) -> Self {
        Self {
            table,
            by: SortKey::Title,
            falling: false,
            selected: None,
        }
    }

    fn sorted(&self) -> Vec<Task> {
        let mut tasks = self.table.lock().clone();
        tasks.sort_by(|a, b| {
            let order = self.by.compare(a, b);
            (if self.falling { order.reverse() } else { order }).then(a.window.cmp(&b.window))
        });
        tasks
    }

    fn head(&mut self, canvas: &mut Canvas<'_>, columns: &[(SortKey, Rect)]) {
        let palette = canvas.palette;
        for (by, place) in columns {
            let response = canvas
                .ui
                .interact(*place, Id::unique(("column", by.name())), Sense::click());
            let said = strings::task_sort(by.name());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, *by == self.by, &said));
            let radius = CornerRadius::same(CONTROL_RADIUS);
            if response.hovered() || response.has_focus() {
                canvas
                    .painter()
                    .rect_filled(place.shrink2(vec2(0.0, 2.0)), radius, palette.hover);
            }
            if response.has_focus() {
                let stroke = Stroke::new(2.0, palette.accent);
                canvas
                    .painter()
                    .rect_stroke(place.shrink2(vec2(0.0, 2.0)), radius, stroke, StrokeKind::Inside);
            }
            let mark = match (*by == self.by, self.falling) {
                (false, _) => "",
                (true, false) => " ↑",
                (true, true) => " ↓",
            };
            let text = format!("{}{mark}", by.name());
            put(
                canvas,
                *by,
                *place,
                &text,
                if *by == self.by { palette.text } else { palette.weak },
                true,
            );
            if response.clicked() {
                self.falling = if *by == self.by { !self.falling } else { by.falls() };
                self.by = *by;
                canvas.ui.ctx().request_repaint();
            }
        }
    }

    fn row(&mut self, canvas: &mut Canvas<'_>, task: &Task, line: Rect, columns: &[(SortKey, Rect)]) {
        let palette = canvas.palette;
        let id = Id::unique(("task", task.window.0));
        let response = canvas.ui.interact(line, id, Sense::click());
        let chosen = self.selected == Some(task.window);
        let facts: Vec<_> = columns
            .iter()
            .skip(1)
            .map(|(by, _)| format!("{} {}", by.name(), by.text(task)))
            .collect();
        let said = format!("{}: {}", SortKey::Title.text(task), facts.join("; "));
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, &said));
        let fill = match () {
            () if chosen => palette.selected,
            () if response.hovered() => palette.hover,
            () => Color32::TRANSPARENT,
        };
        let radius = CornerRadius::same(CONTROL_RADIUS);
        canvas.painter().rect_filled(line.shrink(1.0), radius, fill);
        if response.has_focus() {
            let stroke = Stroke::new(2.0, palette.accent);
            canvas
                .painter()
                .rect_stroke(line.shrink(1.0), radius, stroke, StrokeKind::Inside);
        }
        for (by, column) in columns {
            let place = Rect::from_x_y_ranges(column.x_range(), line.y_range());
            put(canvas, *by, place, &by.text(task), palette.text, false);
        }
        if response.clicked() || response.gained_focus() {
            self.selected = Some(task.window);
            canvas.ui.ctx().request_repaint();
        }
        if response.double_clicked() {
            canvas.events.push(Event::Command(ShellCommand::Focus(task.window)));
        }
    }

    fn foot(&self, canvas: &mut Canvas<'_>, place: Rect, tasks: &[Task]) {
        let Some(task) = tasks.iter().find(|task| Some(task.window) == self.selected) else {
            return;
        };
        let mut free = place.shrink2(vec2(2.0 * UNIT, UNIT));
        let window = task.window;
        for (id, text, command) in [
            ("end", strings::task_end(), ShellCommand::End(window)),
            ("restart", strings::restart_button(), ShellCommand::Restart(window)),
            ("log", strings::task_log(), ShellCommand::ShowLog(window)),
            ("show", strings::task_show(), ShellCommand::Focus(window)),
        ] {
            if button_at_right(canvas, &mut free, ("task", id), text, text) {
                canvas.events.push(Event::Command(command));
            }
        }
        let name = canvas.line(
            &task.title,
            fonts::strong(theme::BODY),
            canvas.palette.text,
            free.width(),
        );
        canvas.put_line(free.left(), free.center().y, name);
    }
}

impl Page for Tasks {
    fn size(&self) -> crate::state::Size {
        (760.0, 440.0)
    }

    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, _keyboard: bool) {
        let palette = canvas.palette;
        let tasks = self.sorted();
        if self
            .selected
            .is_some_and(|window| tasks.iter().all(|task| task.window != window))
        {
            self.selected = None;
        }
        let head = Rect::from_min_size(place.min, vec2(place.width(), HEAD)).shrink2(vec2(UNIT, 0.0));
        let columns = columns(head);
        self.head(canvas, &columns);
        canvas
            .painter()
            .hline(place.x_range(), head.bottom(), Stroke::new(1.0, palette.line));
        let foot = place.with_min_y(place.bottom() - FOOT);
        let list = Rect::from_min_max(pos2(place.left(), head.bottom() + 1.0), pos2(place.right(), foot.top()));
        if tasks.is_empty() {
            canvas.heard(list, "nothing", Role::Label, strings::task_none());
            let text = canvas.line(
                strings::task_none(),
                fonts::text(theme::BODY),
                palette.weak,
                list.width() - 32.0,
            );
            canvas.put_line(list.left() + 2.0 * UNIT, list.top() + 24.0, text);
        }
        let events = &mut canvas.events;
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(list).id_salt("tasks"), |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                scroll_area().show(ui, |ui| {
                    let mut inner = Canvas::new(ui, palette);
                    for task in &tasks {
                        let wide = vec2(inner.ui.available_width(), ROW);
                        let line = inner.ui.allocate_exact_size(wide, Sense::hover()).0;
                        self.row(&mut inner, task, line.shrink2(vec2(UNIT / 2.0, 0.0)), &columns);
                    }
                    events.append(&mut inner.events);
                });
            });
        canvas
            .painter()
            .hline(place.x_range(), foot.top(), Stroke::new(1.0, palette.line));
        self.foot(canvas, foot, &tasks);
    }
}

/// The columns that there is room for, from the left.
fn columns(head: Rect) -> Vec<(SortKey, Rect)> {
    let mut wanted = vec![(SortKey::Cpu, 84.0), (SortKey::Memory, 96.0), (SortKey::Frames, 84.0)];
    if head.width() >= 560.0 {
        wanted.push((SortKey::Messages, 104.0));
    }
    let uses = if head.width() >= 680.0 {
        (head.width() * 0.24).min(280.0)
    } else {
        0.0
    };
    let rest = head.width() - wanted.iter().map(|(_, width)| width).sum::<f32>() - uses;
    wanted.insert(0, (SortKey::Title, rest));
    if uses > 0.0 {
        wanted.push((SortKey::Uses, uses));
    }
    let mut left = head.left();
    let place = |(by, width): (SortKey, f32)| {
        let place = Rect::from_min_size(pos2(left, head.top()), vec2(width, head.height()));
        left += width;
        (by, place)
    };
    wanted.into_iter().map(place).collect()
}

/// Numbers end at the right of their column, texts begin at its left.
fn put(canvas: &Canvas<'_>, by: SortKey, place: Rect, text: &str, colour: Color32, strong: bool) {
    let font = if strong {
        fonts::strong(theme::SMALL)
    } else {
        fonts::text(theme::BODY)
    };
    let line = canvas.line(text, font, colour, place.width() - 2.0 * UNIT);
    let left = match by {
        SortKey::Title | SortKey::Uses => place.left() + UNIT,
        _ => place.right() - UNIT - line.size().x,
    };
    let top = place.center().y - line.size().y / 2.0;
    canvas.painter().galley(pos2(left, top), line, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(window: u64, title: &str, cpu: Option<f64>) -> Task {
        Task {
            window: WindowId(window),
            title: title.into(),
            answers: true,
            cpu,
            memory: window << 20,
            frames: None,
            messages: Some(1.0),
            uses: Vec::new(),
        }
    }

    #[test]
    fn tasks_are_sorted_by_any_column_in_both_directions() {
        let table = Table::default();
        *table.lock() = vec![task(1, "b", Some(1.0)), task(2, "A", None), task(3, "c", Some(9.5))];
        let mut page = Tasks::new(table);
        let order = |page: &Tasks| page.sorted().iter().map(|task| task.window.0).collect::<Vec<_>>();
        assert_eq!(order(&page), [2, 1, 3]);
        (page.by, page.falling) = (SortKey::Cpu, true);
        assert_eq!(order(&page), [3, 1, 2]);
        page.by = SortKey::Frames;
        assert_eq!(order(&page), [1, 2, 3], "what is the same keeps its order");
    }

    #[test]
    fn columns_fill_every_width_without_overlapping() {
        for width in [320.0, 480.0, 600.0, 760.0, 2000.0] {
            let head = Rect::from_min_size(pos2(3.0, 0.0), vec2(width, HEAD));
            let columns = columns(head);
            assert!(
                columns
                    .windows(2)
                    .all(|pair| (pair[0].1.right() - pair[1].1.left()).abs() < 0.01)
            );
            assert!((columns[columns.len() - 1].1.right() - head.right()).abs() < 0.01);
            assert!(
                columns.iter().all(|(_, place)| place.width() >= 48.0),
                "{width}: {columns:?}"
            );
        }
    }
}
