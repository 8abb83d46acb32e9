//! A deterministic discrete-event simulator of a cloud image-copy scheduler.
//!
//! A scenario describes regions, images and requests; a run tells when each copy waits, starts and is
//! ready, to the microsecond, with the same bytes on every machine.
//!
//! ```
//! use copysim::{scenario::Scenario, simulation::{Observer, run}, records::CopyRecord, time::SimTime};
//!
//! /// Remembers when the last copy was ready.
//! #[derive(Default)]
//! struct LastReady(Option<SimTime>);
//!
//! impl Observer for LastReady {
//!     fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
//!         self.0 = self.0.max(record.end);
//!     }
//! }
//!
//! let text = r#"{
//!     "schema_version": 1,
//!     "copy_time": { "duration": "35m" },
//!     "regions": { "cn-hangzhou": {}, "cn-shanghai": {} },
//!     "images": { "web": { "region": "cn-hangzhou", "count": 6 } },
//!     "requests": [{ "copy": { "image": "web", "to": "cn-shanghai" } }],
//! }"#;
//! let scenario = Scenario::read("six.json", text.into(), &[]).expect("a valid scenario");
//! let mut last = LastReady::default();
//! run(&scenario.model, &mut last, false).expect("it ends");
//! // Five at once, and the sixth after them.
//! assert_eq!(last.0.map(|time| time.to_string()).as_deref(), Some("1h 10m"));
//! ```
//!
//! The way of the data, and who may know whom:
//!
//! | module | duty | knows |
//! |---|---|---|
//! | [`time`], [`quantity`], [`ids`] | exact units and small numbers for things | nothing |
//! | [`random`] | streams of draws, found by names | units |
//! | [`distribution`] | random quantities by inverse transform, with portable arithmetic | `random`, units |
//! | [`clock`] | what a clock on the wall shows beside a simulated time | `time` |
//! | [`kernel`] | the calendar of pending events | `time` |
//! | [`service`] | the rules of the simulated service, without clock, randomness or text | units, ids |
//! | [`transfer`] | how long a copy takes and how far it is | units |
//! | [`cloud`] | the service with running copies: when each ends | the four above |
//! | [`workload`] | where calls come from | units, ids, `kernel`, call types and event classes |
//! | [`simulation`] | the loop that joins cloud and workload, and tells observers | all above |
//! | [`records`] | records, figures and averages in integers | units, ids, refusals |
//! | [`scenario`] | the file: read, checked, resolved to a model | all above |
//! | `output`, `cli` | files, charts, the terminal; the commands (feature `cli`) | everything |

#![forbid(unsafe_code)]

pub mod clock;
pub mod cloud;
pub mod decimal;
pub mod distribution;
pub mod ids;
pub mod kernel;
pub mod quantity;
pub mod random;
pub mod records;
pub mod scenario;
pub mod service;
pub mod simulation;
pub mod time;
pub mod transfer;
pub mod workload;

mod hex;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod output;
