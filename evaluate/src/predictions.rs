//! Logits and labels as a safetensors file: `logits` `[N, classes]` in f32, `labels` `[N]` in i64.

use std::{fs, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::{
    error::{Error, Result},
    feed::Logits,
};

/// What a file of predictions holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Predictions {
    pub(crate) logits: Logits,
    /// One per row; none if the file has none.
    pub(crate) labels: Option<Vec<i64>>,
}

/// Fails early where [`write`] would fail after a long run: for want of the folder.
pub(crate) fn check(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(fs::metadata) {
        Some(Err(e)) => Err(Error::Write { path: path.into(), source: e.into() }),
        _ => Ok(()),
    }
}

/// Writes logits and labels.
pub(crate) fn write(path: &Path, logits: &Logits, labels: &[i64]) -> Result<()> {
    let failed = |source| Error::Write { path: path.into(), source };
    let bytes = serialize(logits, labels).map_err(|e| failed(e.into()))?;
    fs::write(path, bytes).map_err(|e| failed(e.into()))
}

fn serialize(logits: &Logits, labels: &[i64]) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let values: Vec<u8> = logits.values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let numbers: Vec<u8> = labels.iter().flat_map(|v| v.to_le_bytes()).collect();
    let tensors = [
        ("logits", TensorView::new(Dtype::F32, vec![labels.len(), logits.classes], &values)?),
        ("labels", TensorView::new(Dtype::I64, vec![labels.len()], &numbers)?),
    ];
    safetensors::serialize(tensors, None)
}

/// Reads logits and labels.
pub(crate) fn read(path: &Path) -> Result<Predictions> {
    let bad = |problem: String| Error::Predictions { path: path.into(), problem };
    let bytes = fs::read(path).map_err(|e| bad(e.to_string()))?;
    let tensors =
        SafeTensors::deserialize(&bytes).map_err(|e| bad(format!("it is no safetensors file ({e})")))?;
    let logits = tensors.tensor("logits").map_err(|_| bad("it has no tensor `logits`".into()))?;
    let labels = tensors.tensor("labels").ok();
    let predictions = Predictions {
        logits: rows(&logits).map_err(bad)?,
        labels: labels.map(|l| numbers(&l)).transpose().map_err(bad)?,
    };
    let count = predictions.logits.rows().count();
    match &predictions.labels {
        _ if count == 0 => Err(bad("it has no rows of logits".into())),
        Some(labels) if labels.len() != count => {
            Err(bad(format!("it has {count} rows of logits and {} labels", labels.len())))
        }
        _ => Ok(predictions),
    }
}

fn rows(view: &TensorView) -> Result<Logits, String> {
    match (view.dtype(), view.shape()) {
        (Dtype::F32, &[_, classes]) if classes > 0 => {
            let values = view.data().as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect();
            Ok(Logits { classes, values })
        }
        (dtype, shape) => Err(format!("`logits` is {dtype:?} {shape:?}, expected F32 [N, classes]")),
    }
}

fn numbers(view: &TensorView) -> Result<Vec<i64>, String> {
    match (view.dtype(), view.shape()) {
        (Dtype::I64, [_]) => {
            Ok(view.data().as_chunks::<8>().0.iter().copied().map(i64::from_le_bytes).collect())
        }
        (dtype, shape) => Err(format!("`labels` is {dtype:?} {shape:?}, expected I64 [N]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_names_what_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logits.safetensors");
        let logits = Logits { classes: 3, values: vec![0.5, -1.0, 2.0, 3.5, 0.0, f32::MIN_POSITIVE] };
        write(&path, &logits, &[2, 0]).expect("a file");
        assert_eq!(read(&path).expect("the file"), Predictions { logits, labels: Some(vec![2, 0]) });
        fs::write(&path, "nonsense").expect("a file");
        assert!(read(&path).expect_err("nonsense").to_string().contains("it is no safetensors file"));
        assert!(read(&folder.path().join("none")).expect_err("missing").to_string().contains("No such file"));
    }
}
