//! A QR code as SVG.

use std::fmt::Write;

/// The quiet zone that readers need around a code, in modules (ISO/IEC 18004).
const QUIET_MODULES: usize = 4;

/// Width and height of the drawing of `modules`, quiet zone included.
pub(crate) fn side(modules: &[Vec<bool>]) -> usize {
    modules.len() + 2 * QUIET_MODULES
}

/// The path that fills the dark modules, runs of a row joined.
pub(crate) fn path(modules: &[Vec<bool>]) -> String {
    let mut path = String::new();
    for (y, row) in modules.iter().enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let (left, top) = (x + QUIET_MODULES, y + QUIET_MODULES);
                write!(path, "M{left} {top}h{run}v1h-{run}z").expect("writing to a string cannot fail");
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_modules_of_a_row_are_drawn_in_runs_inside_the_quiet_zone() {
        let modules = vec![vec![true, true, false], vec![false, false, true], vec![false; 3]];
        assert_eq!(path(&modules), "M4 4h2v1h-2zM6 5h1v1h-1z");
        assert_eq!(side(&modules), 11);
    }
}
