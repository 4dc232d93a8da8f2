//! What saves record of their inputs, and what is asked of a folder besides the questions of a search.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use spot_analysis::model::Provenance;

use super::Embedded;
use crate::contents::hashed;
use crate::error::Result;
use crate::layout::{Pipeline, data_files};
use crate::manifest::{Content, Inputs};
use crate::publish::Publisher;
use crate::story::Target;
use crate::times::Span;
use crate::{dns_rows, flow_rows};

impl Embedded {
    /// What a finding was made from, with what is in the files; each is read once as long as it looks
    /// the same.
    pub(super) fn inputs(&self, pipeline: Pipeline, provenance: &Provenance) -> Result<Inputs> {
        let paths: Vec<_> =
            provenance.files.iter().map(|file| self.data.join(&file.path)).collect();
        let read = |path: &Path| {
            let (rows, span) = self.measured(pipeline, path)?;
            Ok(Content { sha256: hashed(path)?, rows, span })
        };
        Ok(Inputs::new(provenance, self.contents.of(&paths, &read)?))
    }

    /// Rows of a file of a raw table, and its first and last time.
    pub(crate) fn measured(&self, pipeline: Pipeline, path: &Path) -> Result<(u64, Option<Span>)> {
        let info = self.inspector.one(path)?;
        let span = match pipeline {
            Pipeline::Flow => flow_rows::span(&info)?,
            Pipeline::Dns => dns_rows::span(&info)?,
        };
        Ok((info.rows, span))
    }

    /// Whether writes go to a server.
    pub(crate) fn is_remote(&self) -> bool {
        self.mirror.is_some()
    }

    /// The files of a day's raw table, whether they can be read or not.
    pub(crate) fn raw_files(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in self.layout.partitions(&self.data, pipeline.raw(), day) {
            files.extend(data_files(&folder)?);
        }
        Ok(files)
    }

    /// The folder with the tables.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The folder that receives writes, or the copy of it that is here.
    pub(crate) fn out(&self) -> &Path {
        self.publisher.out()
    }

    /// Asks `read` about a folder of tables as it is after the last save: the data folder, or the one
    /// that receives writes.
    pub(crate) fn look<T>(
        &self,
        (pipeline, root): (Pipeline, &Path),
        read: impl FnOnce(&Target<'_>) -> Result<T>,
    ) -> Result<T> {
        let view = Publisher::new(root.to_path_buf()).view()?;
        let layout = match root == self.publisher.out() {
            true => self.out_layout(pipeline),
            false => self.data_layout(pipeline),
        };
        read(&Target { out: root, layout, view: &view, inspector: &self.inspector })
    }
}
