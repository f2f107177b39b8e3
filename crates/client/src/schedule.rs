//! `client.schedules()`: agents that are spawned when their time comes.

use openclaw_core::{CreateScheduleRequest, Schedule, ScheduleRun, UpdateScheduleRequest};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

resource! {
    /// Makes, changes, runs and deletes schedules.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, CreateScheduleRequest, SpawnAgentRequest};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let schedule = client
    ///     .schedules()
    ///     .create(CreateScheduleRequest {
    ///         name: "nightly-report".into(),
    ///         cron: Some("0 8 * * MON-FRI".into()),
    ///         timezone: Some("Asia/Shanghai".into()),
    ///         agent: SpawnAgentRequest { task: "写一份昨日销售报告".into(), ..Default::default() },
    ///         deliver_to: Some(vec!["whe_01k8z6v3m2t7q4c9x5b1n0d8ra".into()]),
    ///         ..Default::default()
    ///     })
    ///     .await?;
    /// println!("{:?}", schedule.next_fire_times);
    /// # Ok(())
    /// # }
    /// ```
    Schedules
}

impl Schedules {
    /// Makes a schedule; the reply shows its next five slots.
    pub fn create(&self, request: CreateScheduleRequest) -> Reply<Schedule> {
        self.transport.json(Call::post("/schedules", request), &self.options)
    }

    /// Lists schedules, newest first.
    pub fn list(&self) -> List<Schedule> {
        List::new(&self.transport, &self.options, Call::get("/schedules"))
    }

    /// Gets a schedule by its id, `sch_…`.
    pub fn get(&self, id: &str) -> Reply<Schedule> {
        self.transport.json(Call::get("/schedules/{id}").id(id), &self.options)
    }

    /// Changes a schedule; what the change leaves out stays. `enabled` pauses it and lets it go on.
    pub fn update(&self, id: &str, change: UpdateScheduleRequest) -> Reply<Schedule> {
        self.transport.json(Call::patch("/schedules/{id}", change).id(id), &self.options)
    }

    /// Deletes a schedule and its history; its agents stay.
    pub fn delete(&self, id: &str) -> Reply<()> {
        self.transport.done(Call::delete("/schedules/{id}").id(id), &self.options)
    }

    /// Runs it now, paused or not, beside its slots.
    pub fn run(&self, id: &str) -> Reply<ScheduleRun> {
        self.transport.json(Call::post_empty("/schedules/{id}/run").id(id), &self.options)
    }

    /// Lists what became of its slots, newest first.
    pub fn runs(&self, id: &str) -> List<ScheduleRun> {
        List::new(&self.transport, &self.options, Call::get("/schedules/{id}/runs").id(id))
    }
}
