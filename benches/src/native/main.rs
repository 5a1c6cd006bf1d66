//! What Portico is measured against: a plain program of winit and softbuffer that shows the same pixels and takes the same
//! keys. `native static|animating|plasma WIDTH HEIGHT`. With `native relay`, what the message broker is measured against.

mod picture;
mod plasma;
mod relay;

use anyhow::{Context as _, Result, bail};
use picture::Picture;
use softbuffer::{Context, Surface};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::{Duration, Instant};
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::{ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

/// The virtual display's interval.
const INTERVAL: Duration = Duration::from_nanos(16_666_667);

struct Open {
    window: Rc<Window>,
    surface: Surface<Rc<Window>, Rc<Window>>,
}

struct Program {
    picture: Picture,
    animating: bool,
    next: Instant,
    open: Option<Open>,
    failed: Option<anyhow::Error>,
}

impl Program {
    fn open(&self, event_loop: &ActiveEventLoop) -> Result<Open> {
        let size = PhysicalSize::new(self.picture.width, self.picture.height);
        let attributes = Window::default_attributes().with_title("native").with_inner_size(size);
        let window = Rc::new(event_loop.create_window(attributes)?);
        let failed = |error: softbuffer::SoftBufferError| anyhow::Error::msg(error.to_string());
        let context = Context::new(Rc::clone(&window)).map_err(failed)?;
        let surface = Surface::new(&context, Rc::clone(&window)).map_err(failed)?;
        Ok(Open { window, surface })
    }

    fn present(&mut self) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let size = open.window.inner_size();
        let (width, height) = NonZeroU32::new(size.width)
            .zip(NonZeroU32::new(size.height))
            .context("an empty window")?;
        let failed = |error: softbuffer::SoftBufferError| anyhow::Error::msg(error.to_string());
        open.surface.resize(width, height).map_err(failed)?;
        let mut buffer = open.surface.buffer_mut().map_err(failed)?;
        let rows = self.picture.pixels.chunks_exact(self.picture.width as usize);
        for (to, from) in buffer.chunks_exact_mut(size.width as usize).zip(rows) {
            let width = to.len().min(from.len());
            to[..width].copy_from_slice(&from[..width]);
        }
        buffer.present().map_err(failed)
    }

    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(error) = result {
            self.failed = Some(error);
            event_loop.exit();
        }
    }
}

impl ApplicationHandler for Program {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        match self.open(event_loop) {
            Ok(open) => self.open = Some(open),
            Err(error) => self.check(event_loop, Err(error)),
        }
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if self.animating && matches!(cause, StartCause::Init | StartCause::ResumeTimeReached { .. }) {
            self.picture.next_frame();
            let result = self.present();
            self.check(event_loop, result);
            let now = Instant::now();
            while self.next <= now {
                self.next += INTERVAL;
            }
            event_loop.set_control_flow(ControlFlow::WaitUntil(self.next));
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed && !event.repeat => {
                self.picture.flip();
                if !self.animating {
                    self.picture.next_frame();
                    let result = self.present();
                    self.check(event_loop, result);
                }
            }
            WindowEvent::RedrawRequested => {
                let result = self.present();
                self.check(event_loop, result);
            }
            _ => {}
        }
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["relay"] {
        return relay::run();
    }
    let [mode, width, height] = arguments.as_slice() else {
        bail!("native static|animating|plasma WIDTH HEIGHT")
    };
    let (width, height) = (width.parse()?, height.parse()?);
    let picture = match mode.as_str() {
        "static" | "animating" => Picture::card(width, height),
        "plasma" => Picture::plasma(),
        other => bail!("no such mode: {other}"),
    };
    let event_loop = EventLoop::new()?;
    let animating = mode == "animating";
    let mut program = Program {
        picture,
        animating,
        next: Instant::now(),
        open: None,
        failed: None,
    };
    event_loop.run_app(&mut program)?;
    program.failed.map_or(Ok(()), Err)
}
