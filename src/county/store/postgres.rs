//! PostgreSQL: for more nodes than one. What one node commits, the others hear by `NOTIFY`.

use std::error::Error;
use std::future::poll_fn;
use std::str::FromStr;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{
    Client, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreFault;
use super::migrations::{self, FOUND, TABLE};
use super::secure;
use super::value::{Group, Row, Statement, Value};
use crate::station::clock;

/// Connections of one node.
const CONNECTIONS: usize = 8;

/// How long the database itself may work at a statement.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the database waits for the next statement of a transaction. A node that was cut off amid one still holds its
/// locks there, and all others wait for them; statements of one transaction follow each other at once.
const SILENCE: Duration = Duration::from_secs(5);

/// How long it may take to get a connection.
const CONNECTING: Duration = Duration::from_secs(4);

/// How long a question may take, connection and all, before the database counts as gone.
const ASKING: Duration = Duration::from_secs(5);

/// The same for a commit, which may carry the records of hundreds of stations.
const COMMITTING: Duration = Duration::from_secs(15);

/// Pause before listening anew.
const AGAIN: Duration = Duration::from_secs(1);

/// How often it is found out that the connection on which we listen still lives.
const BEAT: Duration = Duration::from_secs(10);

/// The name under which nodes hear of each other's commits.
const CHANNEL: &str = "dalaba";

/// Two nodes that start at once must not both change the tables. The number only has to be ours.
const LOCK: &str = "SELECT pg_advisory_xact_lock(6041966)";

const RING: &str = "SELECT pg_notify('dalaba', '')";

/// A pool of connections.
#[derive(Debug, Clone)]
pub(super) struct Postgres(Pool);

impl Postgres {
    /// Connects, brings the tables up to date, and rings `ring` for what other nodes commit.
    pub(super) async fn open(url: &str, ring: watch::Sender<u64>) -> Result<Self, StoreFault> {
        let mut config = config(url)?;
        let connector = secure::connector(&mut config)?;
        let method = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), connector.clone(), method);
        let timeouts =
            Timeouts { wait: Some(CONNECTING), create: Some(CONNECTING), recycle: Some(CONNECTING) };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .timeouts(timeouts)
            .build()
            .map_err(|error| StoreFault::Down(error.to_string()))?;
        let database = Self(pool);
        in_time(COMMITTING, database.migrate()).await?;
        tokio::spawn(listen(config, connector, ring));
        Ok(database)
    }

    async fn migrate(&self) -> Result<(), StoreFault> {
        let mut client = self.0.get().await?;
        let transaction = client.transaction().await?;
        transaction.batch_execute(LOCK).await?;
        transaction.batch_execute(TABLE).await?;
        let found = transaction.query_one(FOUND, &[]).await?.try_get(0)?;
        for (version, statements) in migrations::missing(found)? {
            transaction.batch_execute(statements).await?;
            let now = clock::wall().timestamp_millis();
            let applied = "INSERT INTO migration (version, applied_at) VALUES ($1, $2)";
            transaction.execute(applied, &[&version, &now]).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(super) async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreFault> {
        self.answered(ASKING, async {
            let mut loan = self.lend().await?;
            let answer = asked(loan.client()?, sql, values).await;
            loan.give_back();
            answer
        })
        .await
    }

    pub(super) async fn commit(&self, groups: &[Group]) -> Result<Vec<bool>, StoreFault> {
        self.answered(COMMITTING, async {
            let mut loan = self.lend().await?;
            let applied = committed(loan.client()?, groups).await;
            loan.give_back();
            applied
        })
        .await
    }

    /// Waits at most so long. A wire that swallowed one question has swallowed the others that lie in the pool: none of
    /// them is tried, each for as long, one after the other.
    async fn answered<T>(
        &self,
        time: Duration,
        work: impl Future<Output = Result<T, StoreFault>>,
    ) -> Result<T, StoreFault> {
        timeout(time, work).await.unwrap_or_else(|_| {
            self.0.retain(|_, _| false);
            Err(silent())
        })
    }

    async fn lend(&self) -> Result<Loan, StoreFault> {
        Ok(Loan(Some(self.0.get().await?)))
    }
}

/// A connection on loan. One that is not given back, because nobody could wait for its answer any longer, is not used again:
/// a network that swallowed one question without a word would swallow the next one, too.
struct Loan(Option<Client>);

impl Loan {
    fn client(&mut self) -> Result<&mut Client, StoreFault> {
        self.0.as_mut().ok_or_else(|| StoreFault::Down("the connection was given back".to_owned()))
    }

    fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

async fn asked(client: &Client, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreFault> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &places(values)).await?;
    rows.iter().map(row).collect()
}

async fn committed(client: &mut Client, groups: &[Group]) -> Result<Vec<bool>, StoreFault> {
    let transaction = client.transaction().await?;
    let mut applied = Vec::with_capacity(groups.len());
    for group in groups {
        let done = change(&transaction, &group.guard).await? > 0;
        for statement in group.then.iter().filter(|_| done) {
            change(&transaction, statement).await?;
        }
        applied.push(done);
    }
    if groups.iter().zip(&applied).any(|(group, applies)| group.rings && *applies) {
        transaction.batch_execute(RING).await?;
    }
    transaction.commit().await?;
    Ok(applied)
}

fn config(url: &str) -> Result<Config, StoreFault> {
    // What is wrong with it is not said: there may be a password in it.
    let mut config = Config::from_str(url).map_err(|_| StoreFault::Address("postgres://…".to_owned()))?;
    config.application_name("dalaba county").connect_timeout(CONNECTING).tcp_user_timeout(PATIENCE);
    config.keepalives_idle(PATIENCE);
    let settings = format!(
        "-c statement_timeout={} -c lock_timeout={0} -c idle_in_transaction_session_timeout={}",
        PATIENCE.as_millis(),
        SILENCE.as_millis()
    );
    let options = config.get_options().map_or(settings.clone(), |own| format!("{settings} {own}"));
    config.options(options);
    Ok(config)
}

async fn in_time<T>(
    time: Duration,
    work: impl Future<Output = Result<T, StoreFault>>,
) -> Result<T, StoreFault> {
    timeout(time, work).await.unwrap_or_else(|_| Err(silent()))
}

fn silent() -> StoreFault {
    StoreFault::Down("it does not answer".to_owned())
}

async fn change(
    transaction: &deadpool_postgres::Transaction<'_>,
    statement: &Statement,
) -> Result<u64, StoreFault> {
    let prepared = transaction.prepare_cached(&statement.sql).await?;
    Ok(transaction.execute(&prepared, &places(&statement.values)).await?)
}

fn places(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreFault> {
    let value = |(place, column): (usize, &tokio_postgres::Column)| {
        let found = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map(Value::Number),
            Type::INT4 => row.try_get::<_, Option<i32>>(place)?.map(|small| Value::Number(small.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place)?.map(Value::Bytes),
            _ => row.try_get::<_, Option<String>>(place)?.map(Value::Text),
        };
        Ok(found.unwrap_or(Value::Null))
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Row)
}

/// Rings for every commit at any node, for ever. A connection that was lost may have missed some, so it rings then too.
async fn listen(config: Config, connector: MakeRustlsConnect, ring: watch::Sender<u64>) {
    while !ring.is_closed() {
        if let Err(fault) = hear(&config, connector.clone(), &ring).await {
            tracing::warn!(%fault, "no word from other nodes for now");
        }
        sleep(AGAIN).await;
    }
}

async fn hear(
    config: &Config,
    connector: MakeRustlsConnect,
    ring: &watch::Sender<u64>,
) -> Result<(), StoreFault> {
    let connected = timeout(CONNECTING, config.connect(connector)).await;
    let (client, connection) = connected.map_err(|_| silent())??;
    tokio::select! {
        ended = follow(connection, ring) => ended,
        silence = keep(&client, ring) => silence,
    }
}

/// Rings for every notification, until the connection ends.
async fn follow<S: AsyncRead + AsyncWrite + Unpin>(
    mut connection: Connection<Socket, S>,
    ring: &watch::Sender<u64>,
) -> Result<(), StoreFault> {
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message?, AsyncMessage::Notification(_)) {
            ring.send_modify(|rung| *rung += 1);
        }
    }
    Ok(())
}

/// Listens, and asks from time to time, until there is no answer: who only listens cannot tell silence from a cut wire.
async fn keep(client: &tokio_postgres::Client, ring: &watch::Sender<u64>) -> Result<(), StoreFault> {
    in_time(ASKING, async { Ok(client.batch_execute(&format!("LISTEN {CHANNEL}")).await?) }).await?;
    ring.send_modify(|rung| *rung += 1);
    loop {
        sleep(BEAT).await;
        in_time(ASKING, async { Ok(client.batch_execute("SELECT 1").await?) }).await?;
    }
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

impl From<tokio_postgres::Error> for StoreFault {
    fn from(error: tokio_postgres::Error) -> Self {
        let class = error.code().map(|code| code.code().chars().take(2).collect::<String>());
        let said = match (error.as_db_error(), error.source()) {
            (Some(said), _) => said.message().to_owned(),
            // Why a certificate does not hold stands in the cause alone.
            (None, Some(cause)) => format!("{error}: {cause}"),
            (None, None) => error.to_string(),
        };
        match class.as_deref() {
            // Connections, resources, an operator who ends it, a disk that fails, a standby that cannot write, a race lost.
            None | Some("08" | "25" | "40" | "53" | "55" | "57" | "58") => Self::Down(said),
            Some(_) => Self::Refused(said),
        }
    }
}

impl From<PoolError> for StoreFault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => Self::Down(other.to_string()),
        }
    }
}
