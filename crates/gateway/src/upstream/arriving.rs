//! The body of an upstream's answer on its way to the caller.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::{
    Place,
    alarm::Alarm,
    lane::{Lane, unwoken},
};
use crate::body::BodyError;

/// Holds the connection while the body arrives, gives it back at the end, and closes it when dropped before.
pub(crate) struct Arriving {
    body: Incoming,
    way: Way,
    place: Option<Place>,
    idle: Duration,
    is_quiet: bool,
}

enum Way {
    /// HTTP/1.1: this body drives its connection.
    Lane(Box<Lane>),
    /// HTTP/2: the connection has a task of its own.
    Shared(Alarm),
    /// The body is complete.
    Done,
}

impl Arriving {
    pub(crate) fn over_lane(body: Incoming, lane: Box<Lane>, place: Place, idle: Duration) -> Self {
        let mut arriving = Self { body, way: Way::Lane(lane), place: Some(place), idle, is_quiet: false };
        if arriving.body.is_end_stream() {
            arriving.finish();
        }
        arriving
    }

    pub(crate) fn over_shared(body: Incoming, place: Place, idle: Duration) -> Self {
        let way = Way::Shared(Alarm::at(Instant::now() + idle));
        Self { body, way, place: Some(place), idle, is_quiet: false }
    }

    /// hyper asks no further once it has the last byte, so the connection is given back as soon as nothing is missing.
    fn finish(&mut self) {
        let place = self.place.take();
        if let (Way::Lane(mut lane), Some(place)) = (std::mem::replace(&mut self.way, Way::Done), place)
            && (lane.is_free() || lane.is_free())
        {
            place.park(lane);
        }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let starts = !std::mem::replace(&mut self.is_quiet, true);
        match &mut self.way {
            Way::Lane(lane) => {
                if starts {
                    lane.expect_within(self.idle);
                }
                lane.poll_silence(cx)
            }
            Way::Shared(alarm) => {
                if starts {
                    alarm.set(Instant::now() + self.idle);
                }
                alarm.poll(cx)
            }
            Way::Done => Poll::Pending,
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let mut polled = match &mut this.way {
            Way::Lane(_) => Pin::new(&mut this.body).poll_frame(&mut unwoken()),
            Way::Shared(_) => Pin::new(&mut this.body).poll_frame(cx),
            Way::Done => return Poll::Ready(None),
        };
        if polled.is_pending()
            && let Way::Lane(lane) = &mut this.way
        {
            lane.drive(cx);
            polled = Pin::new(&mut this.body).poll_frame(&mut unwoken());
        }
        let Poll::Ready(frame) = polled else {
            return this.poll_silence(cx).map(|()| Some(Err(BodyError::Silent)));
        };
        this.is_quiet = false;
        match &frame {
            Some(Ok(frame)) if frame.is_data() && !this.body.is_end_stream() => {}
            Some(Ok(_)) | None => this.finish(),
            Some(Err(_)) => this.way = Way::Done,
        }
        Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Broken)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.way, Way::Done) || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
