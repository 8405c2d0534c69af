//! An engine in an asynchronous service: shared state, one async function a route, errors that turn
//! into answers. With axum or the like the functions stay as they are; here a few lines stand for
//! the framework, so that nothing has to be installed.
//!
//! `cargo run -p waystage --example service` serves on a free port, asks itself a few questions
//! and ends.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use waystage::asynchronous::Engine;
use waystage::core::id::{ParticipantId, Reference, Source};
use waystage::core::journey::Sourced;
use waystage::core::journey::code::GssCode;
use waystage::core::journey::entry::{Entry, Referred};
use waystage::store::{StoreError, naming};
use waystage::{Adoption, EngineError, Pace, ReadModels};
use waystage_caseload::Caseload;
use waystage_cohorts::{Dimension, Funnel};

/// What every route shares. Clones are the same engine.
#[derive(Clone)]
struct App {
    engine: Engine,
}

/// A status and a text.
type Answer = (u16, String);

/// `POST /referrals`: a line `reference person programme day area provider`.
///
/// The caller may send it again whenever it is in doubt: the reference is the key.
async fn refer(app: App, body: String) -> Result<Answer, Failed> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let [reference, person, programme, day, area, provider] = words[..] else {
        return Ok((400, "write: reference person programme day area provider\n".to_owned()));
    };
    let (Ok(day), Some(area)) = (day.parse(), GssCode::parse(area)) else {
        return Ok((400, "a day such as 2021-03-01, and a GSS code\n".to_owned()));
    };
    let source = Source::from("referral-form");
    let named = naming::participation(&source, reference);
    let mut referral = Referred::to(programme, named, day, area);
    provider.clone_into(&mut referral.provider);
    let sourced = Sourced { source: source.clone(), reference: Reference::from(reference) };
    let engine = app.engine.blocking();
    let fact = engine.fact(day, "service:referrals", Entry::Referred(referral));
    let fact = fact.sourced(sourced, engine.now());
    let person: ParticipantId = naming::participant(&source, person);
    let receipts = app.engine.record(person, vec![fact]).await?;
    // who asks next must see it
    let is_in = app.engine.wait_for(receipts[0], Duration::from_secs(5)).await?;
    let word = if receipts[0].duplicate { "had been" } else { "is" };
    Ok((201, format!("{word} recorded at {}, in the models: {is_in}\n", receipts[0].position)))
}

/// `GET /funnel`: one line a provider.
async fn funnel(app: App) -> Result<Answer, Failed> {
    let rows = app.engine.models(|at| at.rows("funnel")).await?;
    let lines = rows.iter().map(|row| format!("{} referrals {}\n", row.row[0], row.amounts[0]));
    Ok((200, lines.collect()))
}

/// `GET /health`: how the models stand.
async fn health(app: App) -> Result<Answer, Failed> {
    let status = app.engine.read(|engine| engine.models()?.status()).await?;
    Ok((200, format!("{} events behind, failure: {:?}\n", status.behind, status.failure)))
}

/// A failure, as an answer. What the caller did wrong is told apart from what the store has.
struct Failed(EngineError);

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self(error)
    }
}

impl From<Failed> for Answer {
    fn from(Failed(error): Failed) -> Self {
        let status = match &error {
            EngineError::Store(StoreError::Refused(_)) => 422,
            EngineError::Store(StoreError::Busy | StoreError::Conflict { .. }) => 503,
            _ => 500,
        };
        (status, format!("{error}\n"))
    }
}

async fn route(app: App, method: &str, path: &str, body: String) -> Answer {
    let answered = match (method, path) {
        ("POST", "/referrals") => refer(app, body).await,
        ("GET", "/funnel") => funnel(app).await,
        ("GET", "/health") => health(app).await,
        _ => Ok((404, "no such route\n".to_owned())),
    };
    answered.unwrap_or_else(Into::into)
}

/// Stands for the framework: one request a connection.
async fn serve(app: App, mut stream: TcpStream) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    let length = stream.read(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (status, says) = route(app, method, path, body.to_owned()).await;
    let length = says.len();
    let answer = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\n\r\n{says}");
    stream.write_all(answer.as_bytes()).await
}

async fn ask(port: u16, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

async fn app(folder: PathBuf) -> Result<App, EngineError> {
    let models = ReadModels::new()
        .with(Funnel { by: vec![Dimension::Provider] })
        .with(Caseload)
        .pace(Pace::Following);
    let engine = Engine::create(folder, "example.org/service".to_owned()).await?;
    let engine = engine.keep(models).await?;
    engine.adopt(Adoption::bundled()).await?;
    Ok(App { engine })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = app(folder.path().to_owned()).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    println!("serving on 127.0.0.1:{port}");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(app.clone(), stream));
        }
    });
    let referral = "F-1 person-1 working-well-pilot 2015-05-18 E08000002 provider-1";
    let referring = format!("POST /referrals HTTP/1.1\r\n\r\n{referral}");
    let first = ask(port, &referring).await?;
    print!("{first}{}", ask(port, "GET /funnel HTTP/1.1\r\n\r\n").await?);
    print!("{}", ask(port, "POST /referrals HTTP/1.1\r\n\r\nF-1").await?);
    print!("{}", ask(port, "GET /health HTTP/1.1\r\n\r\n").await?);
    assert!(first.starts_with("is recorded at"), "{first}");
    Ok(())
}
