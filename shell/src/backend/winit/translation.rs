//! Translates winit's events.

use crate::backend::{Dropped, ImeEvent, KeyEvent, Refused, Scroll, TouchPhase, WindowEvent, keys};
use portico_portals::KeyState;
use winit::event::{ElementState, Ime, Modifiers, MouseButton, MouseScrollDelta};
use winit::event_loop::ActiveEventLoop;
use winit::window::Window;

/// Translates events, one after the other.
#[derive(Default)]
pub(super) struct Translator {
    /// egui's translation of keys and of the input method, made on first use. One window at a time has the keyboard, so it is the
    /// same for all.
    widgets: Option<egui_winit::State>,
    /// Modifiers that are down.
    modifiers: Modifiers,
}

impl Translator {
    /// Translates an event of a window; `None` where it concerns nobody.
    pub(super) fn translate(
        &mut self,
        target: &ActiveEventLoop,
        window: &Window,
        pressed_keys: &mut keys::PressedKeys,
        event: winit::event::WindowEvent,
    ) -> Option<WindowEvent> {
        use winit::event::WindowEvent as Native;
        Some(match event {
            Native::Resized(size) => WindowEvent::Resized(size),
            Native::ScaleFactorChanged {
                scale_factor,
                inner_size_writer,
            } => WindowEvent::Rescaled {
                scale: scale_factor,
                set_size: Box::new(move |size| {
                    let written = inner_size_writer.clone().request_inner_size(size);
                    written.map_err(|error| Refused(error.to_string()))
                }),
            },
            Native::Moved(_) => WindowEvent::Moved,
            Native::CloseRequested => WindowEvent::CloseRequested,
            Native::Destroyed => WindowEvent::Destroyed,
            Native::Focused(focused) => {
                if !focused {
                    pressed_keys.clear();
                    if let Some(widgets) = &mut self.widgets {
                        let _ = widgets.on_window_event(window, &event);
                        widgets.egui_input_mut().events.clear();
                    }
                }
                WindowEvent::Focused(focused)
            }
            Native::Occluded(occluded) => WindowEvent::Occluded(occluded),
            Native::ThemeChanged(_) => WindowEvent::ThemeChanged,
            Native::RedrawRequested => WindowEvent::Redraw,
            Native::DroppedFile(file) => WindowEvent::Dropped(Dropped {
                files: vec![file],
                ..Dropped::default()
            }),
            Native::ModifiersChanged(modifiers) => {
                self.modifiers = modifiers;
                if let Some(widgets) = &mut self.widgets {
                    let _ = widgets.on_window_event(window, &event);
                    widgets.egui_input_mut().events.clear();
                }
                WindowEvent::Modifiers(keys::modifiers(modifiers.state()))
            }
            Native::KeyboardInput {
                event: ref key,
                is_synthetic,
                ..
            } => {
                let pressed = key.state == ElementState::Pressed;
                // A window system makes presses up when a window gains the focus.
                if is_synthetic && pressed {
                    return None;
                }
                let code = pressed_keys.code(key.physical_key, &key.logical_key, pressed, key.repeat)?;
                let state = match key.state {
                    ElementState::Released => KeyState::Released,
                    ElementState::Pressed if key.repeat => KeyState::Repeated,
                    ElementState::Pressed => KeyState::Pressed,
                };
                let text = key.text.as_ref().filter(|_| pressed).map(ToString::to_string);
                WindowEvent::Key(KeyEvent {
                    code,
                    state,
                    text,
                    widgets: self.for_widgets(target, window, &event),
                })
            }
            Native::Ime(ref ime) => WindowEvent::Ime(match ime {
                Ime::Enabled => ImeEvent::Enabled,
                Ime::Disabled => ImeEvent::Disabled,
                Ime::Commit(text) => ImeEvent::Commit(text.clone()),
                Ime::Preedit(text, _) => ImeEvent::Preedit {
                    text: text.clone(),
                    widgets: self.for_widgets(target, window, &event),
                },
            }),
            Native::CursorEntered { .. } => WindowEvent::CursorEntered,
            Native::CursorMoved { position, .. } => WindowEvent::CursorMoved(position.x, position.y),
            Native::CursorLeft { .. } => WindowEvent::CursorLeft,
            Native::MouseInput { state, button, .. } => WindowEvent::Button {
                button: button_number(button)?,
                pressed: state.is_pressed(),
            },
            // winit tells how the content moves.
            Native::MouseWheel { delta, .. } => WindowEvent::Scrolled(match delta {
                MouseScrollDelta::LineDelta(x, y) => Scroll::Lines(-x, y),
                MouseScrollDelta::PixelDelta(delta) => Scroll::Pixels(-delta.x, delta.y),
            }),
            Native::Touch(touch) => WindowEvent::Touch {
                phase: match touch.phase {
                    winit::event::TouchPhase::Started => TouchPhase::Began,
                    winit::event::TouchPhase::Moved => TouchPhase::Moved,
                    winit::event::TouchPhase::Ended => TouchPhase::Ended,
                    winit::event::TouchPhase::Cancelled => TouchPhase::Cancelled,
                },
                id: touch.id,
                x: touch.location.x,
                y: touch.location.y,
            },
            Native::ActivationTokenDone { .. }
            | Native::HoveredFile(_)
            | Native::HoveredFileCancelled
            | Native::PinchGesture { .. }
            | Native::PanGesture { .. }
            | Native::DoubleTapGesture { .. }
            | Native::RotationGesture { .. }
            | Native::TouchpadPressure { .. }
            | Native::AxisMotion { .. } => return None,
        })
    }

    /// A key, or what an input method says, for the widgets of the chrome.
    fn for_widgets(
        &mut self,
        target: &ActiveEventLoop,
        window: &Window,
        event: &winit::event::WindowEvent,
    ) -> Vec<egui::Event> {
        let modifiers = self.modifiers;
        let widgets = self.widgets.get_or_insert_with(|| {
            let mut widgets = egui_winit::State::new(
                egui::Context::default(),
                egui::ViewportId::ROOT,
                target,
                None,
                None,
                None,
            );
            // They would be read in the middle of an event.
            widgets.set_clipboard_shortcuts(false);
            // What it would have heard had it been there.
            let _ = widgets.on_window_event(window, &winit::event::WindowEvent::ModifiersChanged(modifiers));
            widgets.egui_input_mut().events.clear();
            widgets
        });
        let _ = widgets.on_window_event(window, event);
        std::mem::take(&mut widgets.egui_input_mut().events)
    }
}

fn button_number(button: MouseButton) -> Option<u8> {
    match button {
        MouseButton::Left => Some(0),
        MouseButton::Right => Some(1),
        MouseButton::Middle => Some(2),
        MouseButton::Back => Some(3),
        MouseButton::Forward => Some(4),
        MouseButton::Other(_) => None,
    }
}
