//! Tables for people: sized to the terminal, one line a row, and whatever names something always whole.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, presets};

use crate::{error::CommandError, output::Output};

/// How a column may look when the terminal is narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Always whole, since somebody will copy it.
    Whole,
    /// Cut, with `…` at the end.
    Cut,
    /// Like [`Fit::Cut`], and left out when there is no room.
    Spare,
    /// Always whole, and right-aligned.
    Number,
}

/// Rows under column heads.
#[derive(Clone)]
pub(super) struct Table {
    columns: Vec<(&'static str, Fit)>,
    rows: Vec<Vec<String>>,
}

/// Least that is shown of a cell that may be cut.
const CUT_CHARS_MIN: usize = 12;
const GAP_CHARS: u16 = 2;

impl Table {
    pub(super) fn new<const N: usize>(columns: [(&'static str, Fit); N]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// The table without the columns that no row has anything in.
    pub(super) fn without_empty_columns(mut self) -> Self {
        for column in (0..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row[column].is_empty()) {
                self.remove(column);
            }
        }
        self
    }

    fn remove(&mut self, column: usize) {
        self.columns.remove(column);
        for row in &mut self.rows {
            row.remove(column);
        }
    }

    /// The least width at which the table can be read.
    fn least_width(&self) -> usize {
        let least = |(column, (head, fit)): (usize, &(&str, Fit))| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            let widest = cells.chain([head.chars().count()]).max().unwrap_or_default();
            if matches!(fit, Fit::Cut | Fit::Spare) { widest.min(CUT_CHARS_MIN) } else { widest }
        };
        let gaps = self.columns.len().saturating_sub(1) * usize::from(GAP_CHARS);
        self.columns.iter().enumerate().map(least).sum::<usize>() + gaps
    }

    /// Prints the table, or `nothing_yet` when it has no rows.
    pub(super) fn print(self, output: Output, nothing_yet: &str) -> Result<(), CommandError> {
        if self.rows.is_empty() {
            return output.line(nothing_yet);
        }
        output.line(self.render(output.columns()))
    }

    /// The table for a terminal of so many columns; `None` is for a file or pipe, which takes any width. When what
    /// must stay whole does not fit, every row becomes a block of its own.
    fn render(mut self, columns_max: Option<u16>) -> String {
        let room = columns_max.map_or(usize::MAX, usize::from);
        let whole = self.clone();
        while self.least_width() > room {
            let Some(spare) = self.columns.iter().rposition(|(_, fit)| *fit == Fit::Spare) else {
                return whole.blocks();
            };
            self.remove(spare);
        }
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if let Some(columns_max) = columns_max {
            // The gap after the last column is not printed.
            let width = columns_max.saturating_add(GAP_CHARS);
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        table.set_header(self.columns.iter().map(|(head, _)| head.to_uppercase()));
        for row in &self.rows {
            let mut cells = comfy_table::Row::from(row);
            cells.max_height(1);
            table.add_row(cells);
        }
        for (column, (_, fit)) in table.column_iter_mut().zip(&self.columns) {
            column.set_padding((0, GAP_CHARS));
            match fit {
                Fit::Whole => _ = column.set_constraint(ColumnConstraint::ContentWidth),
                Fit::Number => {
                    column.set_constraint(ColumnConstraint::ContentWidth).set_cell_alignment(CellAlignment::Right);
                }
                Fit::Cut | Fit::Spare => {}
            }
        }
        table.trim_fmt()
    }

    fn blocks(self) -> String {
        let block = |row: Vec<String>| fields(self.columns.iter().map(|(head, _)| *head).zip(row));
        self.rows.into_iter().map(block).collect::<Vec<_>>().join("\n\n")
    }
}

/// Labelled values, one a line, with the values under each other. A value of several lines goes on below itself; a
/// label without value is left out.
pub(super) fn fields<'a>(all: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let all: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let width = all.iter().map(|(label, _)| label.len()).max().unwrap_or_default() + usize::from(GAP_CHARS);
    let line = |(label, value): &(&str, String)| {
        let value = value.replace('\n', &format!("\n{:width$}", ""));
        format!("{label:width$}{value}")
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Table {
        let mut table = Table::new([("client id", Fit::Whole), ("name", Fit::Cut), ("calls", Fit::Number)]);
        table.row(["0123456789abcdef0123456789abcdef".into(), "A name that goes on and on".into(), "7".into()]);
        table.row(["short".into(), "Second".into(), "1200".into()]);
        table
    }

    #[test]
    fn without_a_terminal_a_table_is_as_wide_as_what_is_in_it() {
        assert_eq!(
            example().render(None),
            "CLIENT ID                         NAME                        CALLS\n\
             0123456789abcdef0123456789abcdef  A name that goes on and on      7\n\
             short                             Second                       1200"
        );
    }

    #[test]
    fn on_a_narrow_terminal_names_are_cut_and_ids_are_not() {
        let narrow = example().render(Some(60));
        assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
        assert_eq!(narrow.lines().count(), 3);
        assert!(narrow.contains("0123456789abcdef0123456789abcdef  A name"), "{narrow}");
        assert!(narrow.contains('…'), "{narrow}");
    }

    #[test]
    fn what_can_be_spared_goes_before_anything_is_cut_short() {
        let mut table = Table::new([("id", Fit::Whole), ("project", Fit::Spare), ("state", Fit::Whole)]);
        table.row(["0123456789abcdef".into(), "A project of some length".into(), "enabled".into()]);
        assert_eq!(table.clone().render(Some(10)).lines().count(), 3, "a block tells everything");
        assert_eq!(table.render(Some(25)), "ID                STATE\n0123456789abcdef  enabled");
    }

    #[test]
    fn on_a_terminal_too_narrow_for_an_id_each_row_is_a_block() {
        assert_eq!(
            example().render(Some(40)),
            "client id  0123456789abcdef0123456789abcdef\nname       A name that goes on and on\ncalls      7\n\n\
             client id  short\nname       Second\ncalls      1200"
        );
    }

    #[test]
    fn fields_stand_under_each_other_and_empty_ones_are_left_out() {
        let shown = fields([("name", "Weather".to_owned()), ("host", String::new()), ("scopes", "a\nb".to_owned())]);
        assert_eq!(shown, "name    Weather\nscopes  a\n        b");
    }
}
