//! PostgreSQL: for more nodes than one. What one node commits, the others hear by `NOTIFY`.

use std::error::Error;
use std::future::poll_fn;
use std::str::FromStr;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Config, NoTls};

use super::StoreFault;
use super::migrations::{self, FOUND, TABLE};
use super::value::{Group, Row, Statement, Value};
use crate::station::clock;

/// Connections of one node.
const CONNECTIONS: usize = 8;

/// How long anything may take before the database counts as gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pause before listening anew.
const AGAIN: Duration = Duration::from_secs(1);

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
        let config = config(url)?;
        let method = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), NoTls, method);
        let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .timeouts(timeouts)
            .build()
            .map_err(|error| StoreFault::Down(error.to_string()))?;
        let database = Self(pool);
        in_time(database.migrate()).await?;
        tokio::spawn(listen(config, ring));
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
        in_time(async {
            let client = self.0.get().await?;
            let statement = client.prepare_cached(sql).await?;
            let rows = client.query(&statement, &places(values)).await?;
            rows.iter().map(row).collect()
        })
        .await
    }

    pub(super) async fn commit(&self, groups: &[Group]) -> Result<Vec<bool>, StoreFault> {
        in_time(async {
            let mut client = self.0.get().await?;
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
        })
        .await
    }
}

fn config(url: &str) -> Result<Config, StoreFault> {
    // What is wrong with it is not said: there may be a password in it.
    let mut config = Config::from_str(url).map_err(|_| StoreFault::Address("postgres://…".to_owned()))?;
    config.application_name("dalaba county").connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE);
    config.keepalives_idle(PATIENCE);
    let settings = format!("-c statement_timeout={} -c lock_timeout={0}", PATIENCE.as_millis());
    let options = config.get_options().map_or(settings.clone(), |own| format!("{settings} {own}"));
    config.options(options);
    Ok(config)
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreFault>>) -> Result<T, StoreFault> {
    timeout(PATIENCE * 2, work)
        .await
        .unwrap_or_else(|_| Err(StoreFault::Down("it does not answer".to_owned())))
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
async fn listen(config: Config, ring: watch::Sender<u64>) {
    while !ring.is_closed() {
        if let Err(error) = hear(&config, &ring).await {
            tracing::warn!(%error, "no word from other nodes for now");
        }
        sleep(AGAIN).await;
    }
}

async fn hear(config: &Config, ring: &watch::Sender<u64>) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let asked = async move {
        // The client is kept: without one the connection ends.
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map(|()| client)
    };
    let asking = tokio::spawn(asked);
    ring.send_modify(|rung| *rung += 1);
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message?, AsyncMessage::Notification(_)) {
            ring.send_modify(|rung| *rung += 1);
        }
    }
    asking.abort();
    Ok(())
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
        let said = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
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
