//! The applications under test, served by `mizan-actix`.

use mizan_conformance::app;

fn main() -> Result<(), app::Fault> {
    mizan_actix::block_on(async {
        let mizan = app::chosen().await?;
        Ok(mizan_actix::run(mizan, app::address()?).await?)
    })
}
