//! Logits and labels as a safetensors file: `logits` `[N, classes]` in f32, `labels` `[N]` in i64, and `pictures` `[N]` in i64
//! where they are not the first N of their data: the numbers of the pictures.

use std::{fs, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::{
    error::{Error, Result},
    feed::Logits,
    save::save,
};

/// What a file of predictions holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Predictions {
    pub(crate) logits: Logits,
    /// One per row; none if the file has none.
    pub(crate) labels: Option<Vec<i64>>,
    /// Which pictures the rows are of, in rising order; the first ones if the file does not say.
    pub(crate) pictures: Option<Vec<i64>>,
}

/// Writes predictions.
pub(crate) fn write(path: &Path, predictions: &Predictions) -> Result<()> {
    let failed = |error: safetensors::SafeTensorError| Error::Write { path: path.into(), source: error.into() };
    save(path, &serialize(predictions).map_err(failed)?)
}

fn serialize(predictions: &Predictions) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let Predictions { logits, labels, pictures } = predictions;
    let values: Vec<u8> = logits.values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut tensors =
        vec![("logits", TensorView::new(Dtype::F32, vec![logits.rows().count(), logits.classes], &values)?)];
    let bytes = |numbers: &Vec<i64>| numbers.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let lists = [("labels", labels.as_ref().map(bytes)), ("pictures", pictures.as_ref().map(bytes))];
    for (name, bytes) in &lists {
        if let Some(bytes) = bytes {
            tensors.push((name, TensorView::new(Dtype::I64, vec![bytes.len() / 8], bytes)?));
        }
    }
    safetensors::serialize(tensors, None)
}

/// Reads logits and labels.
pub(crate) fn read(path: &Path) -> Result<Predictions> {
    let bad = |problem: String| Error::Predictions { path: path.into(), problem };
    let bytes = fs::read(path).map_err(|e| bad(e.to_string()))?;
    let tensors =
        SafeTensors::deserialize(&bytes).map_err(|e| bad(format!("it is no safetensors file ({e})")))?;
    let logits = tensors.tensor("logits").map_err(|_| bad("it has no tensor `logits`".into()))?;
    let list = |name| tensors.tensor(name).ok().map(|list| numbers(name, &list)).transpose().map_err(bad);
    let predictions = Predictions {
        logits: rows(&logits).map_err(bad)?,
        labels: list("labels")?,
        pictures: list("pictures")?,
    };
    let count = predictions.logits.rows().count();
    if count == 0 {
        return Err(bad("it has no rows of logits".into()));
    }
    for (name, list) in [("labels", &predictions.labels), ("pictures", &predictions.pictures)] {
        if let Some(list) = list.as_ref().filter(|list| list.len() != count) {
            return Err(bad(format!("it has {count} rows of logits and {} {name}", list.len())));
        }
    }
    Ok(predictions)
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

fn numbers(name: &str, view: &TensorView) -> Result<Vec<i64>, String> {
    match (view.dtype(), view.shape()) {
        (Dtype::I64, [_]) => {
            Ok(view.data().as_chunks::<8>().0.iter().copied().map(i64::from_le_bytes).collect())
        }
        (dtype, shape) => Err(format!("`{name}` is {dtype:?} {shape:?}, expected I64 [N]")),
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
        for pictures in [None, Some(vec![4, 7])] {
            let predictions = Predictions { logits: logits.clone(), labels: Some(vec![2, 0]), pictures };
            write(&path, &predictions).expect("a file");
            assert_eq!(read(&path).expect("the file"), predictions);
        }
        write(&path, &Predictions { logits, labels: Some(vec![2]), pictures: None }).expect("a file");
        let short = read(&path).expect_err("one label").to_string();
        assert!(short.ends_with("it has 2 rows of logits and 1 labels"), "{short}");
        fs::write(&path, "nonsense").expect("a file");
        assert!(read(&path).expect_err("nonsense").to_string().contains("it is no safetensors file"));
        assert!(read(&folder.path().join("none")).expect_err("missing").to_string().contains("No such file"));
    }
}
