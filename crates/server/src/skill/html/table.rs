//! Tables: the outermost one as rows of cells; tables in tables are layout, and read as lines.

use super::writer::Writer;

/// Where a page is in its tables.
#[derive(Default)]
pub(super) struct Table {
    open: usize,
    rows: usize,
    cells: usize,
}

impl Table {
    pub(super) fn open(&mut self, writer: &mut Writer) {
        self.open += 1;
        if self.open == 1 {
            writer.paragraph();
            self.rows = 0;
        } else {
            writer.line();
        }
    }

    pub(super) fn close(&mut self, writer: &mut Writer) {
        if self.open == 1 {
            self.end_row(writer);
            writer.paragraph();
        }
        self.open = self.open.saturating_sub(1);
    }

    pub(super) fn row(&mut self, writer: &mut Writer) {
        self.end_row(writer);
        writer.line();
    }

    pub(super) fn cell(&mut self, writer: &mut Writer) {
        if self.open != 1 {
            writer.line();
            return;
        }
        writer.open_cell(self.cells == 0);
        self.cells += 1;
    }

    pub(super) fn end_row(&mut self, writer: &mut Writer) {
        if self.open != 1 || self.cells == 0 {
            return;
        }
        writer.close_row((self.rows == 0).then_some(self.cells));
        self.rows += 1;
        self.cells = 0;
    }
}
