//! Conway's Game of Life.
use portico_sdk::frame::{Screen, rgb};
portico_sdk::manifest!("../manifest.toml");
portico_sdk::program!(async {
    let mut screen = Screen::new(640, 400);
    for time in 0_u32.. {
        for (y, row) in screen.rows().enumerate() {
            row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = rgb(x as u8, y as u8, time as u8));
        }
        screen.show().await?;
    }
    Ok::<_, portico_sdk::Error>(())
});
