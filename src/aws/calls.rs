//! The log of calls: one [`CallRecord`] for every attempt that the SDK makes. No body, no header but the request id.

use std::fmt;
use std::time::Instant;

use aws_sdk_iam::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_iam::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_iam::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use jiff::Timestamp;

use super::seen::request_id;
use crate::ports::{CallRecord, OnCall};

/// When the attempt began; kept in the SDK's own state, since attempts of several calls overlap.
#[derive(Debug)]
struct Began(Timestamp, Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

/// Tells `OnCall` of each attempt once it has ended.
#[derive(Clone)]
pub(super) struct CallLog(pub(super) OnCall);

impl fmt::Debug for CallLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallLog")
    }
}

impl Intercept for CallLog {
    fn name(&self) -> &'static str {
        "CallLog"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(Began(crate::clock::now(), Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Began(at, instant)) = bag.load::<Began>() {
            let response = context.response();
            (self.0)(CallRecord {
                at: format!("{at:.3}"),
                call: bag.load::<Metadata>().map_or("?", Metadata::name).to_owned(),
                status: response.map(|r| r.status().as_u16()),
                took: instant.elapsed(),
                request_id: response.and_then(request_id),
            });
        }
        Ok(())
    }
}
