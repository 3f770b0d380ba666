//! Lines on their way to an output that may be slow: gathered in memory and written together by a thread of their own, so
//! that a request does not wait for a terminal, a pipe or a disk. Warnings and errors are written at once, with what
//! was gathered before them.

use std::{
    io::{self, Write},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Most bytes that wait to be written; lines beyond are counted and left out.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The lines that wait, and where they go.
pub(super) struct Lines {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    output: Mutex<Box<dyn Write + Send>>,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    left_out: u64,
}

impl Lines {
    pub(super) fn to(output: Box<dyn Write + Send>) -> Self {
        Self { waiting: Mutex::default(), arrived: Condvar::new(), output: Mutex::new(output) }
    }

    /// Writes whatever comes, for ever; waits `gather` after the first line for others to join it.
    pub(super) fn write_when_there_are_some(&self, gather: Duration) {
        loop {
            let waiting = self.arrived.wait_while(self.waiting(), |waiting| waiting.bytes.is_empty());
            drop(waiting);
            std::thread::sleep(gather);
            self.flush();
        }
    }

    /// Writes everything that waits before it returns.
    pub(super) fn flush(&self) {
        // Taken first, so that two who flush at once do not swap their lines.
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { bytes, left_out } = std::mem::take(&mut *self.waiting());
        // Where standard error is closed there is nobody to tell.
        let _ = output.write_all(&bytes);
        if left_out > 0 {
            let _ = writeln!(
                output,
                "{left_out} log lines were left out, because they came faster than they could be written"
            );
        }
        let _ = output.flush();
    }

    fn append(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.bytes.len() + line.len() > WAITING_BYTES_MAX {
            waiting.left_out += 1;
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.arrived.notify_one();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes one line.
pub(super) struct LineWriter {
    lines: &'static Lines,
    at_once: bool,
}

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.append(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter {
    fn drop(&mut self) {
        if self.at_once {
            self.lines.flush();
        }
    }
}

impl MakeWriter<'_> for &'static Lines {
    type Writer = LineWriter;

    fn make_writer(&self) -> LineWriter {
        LineWriter { lines: self, at_once: false }
    }

    fn make_writer_for(&self, metadata: &Metadata<'_>) -> LineWriter {
        LineWriter { lines: self, at_once: *metadata.level() <= Level::WARN }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn lines() -> (&'static Lines, Written) {
        let written = Written::default();
        (Box::leak(Box::new(Lines::to(Box::new(written.clone())))), written)
    }

    #[test]
    fn a_warning_is_written_at_once_with_the_lines_before_it() {
        let (lines, written) = lines();
        lines.make_writer().write_all(b"information\n").unwrap();
        assert_eq!(written.text(), "");
        LineWriter { lines, at_once: true }.write_all(b"warning\n").unwrap();
        assert_eq!(written.text(), "information\nwarning\n");
    }

    #[test]
    fn lines_come_out_after_a_moment() {
        let (lines, written) = lines();
        std::thread::spawn(|| lines.write_when_there_are_some(Duration::from_millis(1)));
        lines.make_writer().write_all(b"information\n").unwrap();
        for _ in 0..500 {
            if !written.text().is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(written.text(), "information\n");
    }

    #[test]
    fn what_does_not_fit_is_counted_and_told() {
        let (lines, written) = lines();
        let long = vec![b'x'; WAITING_BYTES_MAX - 1];
        lines.append(&long);
        lines.append(b"two\n");
        lines.append(b"three\n");
        lines.flush();
        let text = written.text();
        assert!(text.ends_with("2 log lines were left out, because they came faster than they could be written\n"));
    }
}
