"""Computes the metrics of a run again with scikit-learn and NumPy, from predictions.csv alone (and, for image queries, embeddings.csv:
path and values, in the order of the predictions). Prints one JSON object: place in metrics.json -> value.

usage: check_metrics.py predictions.csv seen-labels unseen-labels gamma temperature [embeddings.csv] [other-predictions.csv]
Label lists are separated by commas, in the order of the labels. Every label's score must be among the exported ones.
"""
import csv
import json
import sys

import numpy as np
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, average_precision_score, balanced_accuracy_score, log_loss, ndcg_score, top_k_accuracy_score


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scores_of(row):
    k = 1
    found = {}
    while row.get(f"label_{k}"):
        # Scores are single-precision numbers, written with as many digits as tell them apart.
        found[row[f"label_{k}"]] = float(np.float32(row[f"score_{k}"]))
        k += 1
    return found


seen, unseen, gamma, temperature = sys.argv[2].split(","), sys.argv[3].split(","), float(sys.argv[4]), float(sys.argv[5])
known = seen + unseen
rows = rows_of(sys.argv[1])
table = [scores_of(row) for row in rows]
scores = np.array([[row[label] for label in known] for row in table])
truth = np.array([known.index(row["label"]) for row in rows])
is_seen = np.array([row["kind"] == "seen" for row in rows])
confidence = np.array([float(row["confidence"]) for row in rows])
out = {}


def rates(place, which, first, last):
    y, s = truth[which] - first, scores[which][:, first:last]
    best = s.argmax(axis=1)
    out[f"{place}.top1"] = accuracy_score(y, best)
    out[f"{place}.perClassTop1"] = balanced_accuracy_score(y, best)
    for k in (3, 5, 10):
        out[f"{place}.top{k}"] = top_k_accuracy_score(y, s, k=k, labels=np.arange(last - first)) if k < last - first else 1.0


rates("seen", is_seen, 0, len(seen))
rates("zeroShot.unseenLabels", ~is_seen, len(seen), len(known))
rates("zeroShot.allLabels", ~is_seen, 0, len(known))


def generalized(g):
    lowered = scores.copy()
    lowered[:, : len(seen)] -= g
    best = lowered.argmax(axis=1)
    with np.errstate(all="ignore"):
        per_class = np.array([np.mean(best[truth == c] == c) if (truth == c).any() else np.nan for c in range(len(known))])
    u, s = np.nanmean(per_class[len(seen):]), np.nanmean(per_class[: len(seen)])
    return u, s, 2 * u * s / (u + s) if u + s > 0 else 0.0


for place, g in (("generalized", 0.0), ("generalized.calibrated", float(np.float32(gamma)))):
    # What is taken off is a single-precision number, and so is what is left.
    u, s, h = generalized(g)
    out.update({f"{place}.unseen": u, f"{place}.seen": s, f"{place}.harmonic": h})

margins = np.unique(scores[:, : len(seen)].max(axis=1) - scores[:, len(seen):].max(axis=1))
between = np.concatenate([[margins[0] - 1], (margins[1:] + margins[:-1]) / 2, [margins[-1] + 1]])
curve = np.array([generalized(g)[:2] for g in between])
out["generalized.areaUnderCurve"] = np.trapezoid(curve[:, 1], curve[:, 0]) if hasattr(np, "trapezoid") else np.trapz(curve[:, 1], curve[:, 0])
out["generalized.best.harmonic"] = max(generalized(g)[2] for g in between)

right = np.array([(row["best_seen"] if row["kind"] == "seen" else row["best_unseen"]) == row["label"] for row in rows])


def ece(place, which):
    accuracy, mean = calibration_curve(right[which], confidence[which], n_bins=15)
    counts = np.histogram(np.ceil(confidence[which] * 15).clip(1, 15), bins=np.arange(0.5, 16))[0]
    counts = counts[counts > 0]
    out[f"{place}.ece"] = float(np.sum(counts * np.abs(accuracy - mean)) / counts.sum())
    out[f"{place}.maximumError"] = float(np.max(np.abs(accuracy - mean)))


ece("calibration.seen", is_seen)
ece("calibration.unseen", ~is_seen)
powers = np.exp(scores[~is_seen][:, len(seen):] / temperature)
probabilities = powers / powers.sum(axis=1, keepdims=True)
out["calibration.unseen.logLoss"] = log_loss(truth[~is_seen], probabilities, labels=np.arange(len(seen), len(known)))
hot = np.eye(len(known))[truth[~is_seen]][:, len(seen):]
out["calibration.unseen.brier"] = float(np.mean(np.sum((probabilities - hot) ** 2, axis=1)))


def retrieval(place, queries):
    ap, ndcg, at = [], [], {1: [], 5: [], 10: [], 50: []}
    for relevant, similarity in queries:
        if not relevant.any():
            continue
        ap.append(average_precision_score(relevant, similarity))
        ndcg.append(ndcg_score([relevant], [similarity]))
        order = np.argsort(-similarity, kind="stable")
        for k, values in at.items():
            first = relevant[order][:k]
            values.append((first.sum() / k, first.sum() / relevant.sum(), float(first.any()), ndcg_score([relevant], [similarity], k=k)))
    out[f"{place}.map"], out[f"{place}.ndcg"], out[f"{place}.queries"] = np.mean(ap), np.mean(ndcg), len(ap)
    for i, values in enumerate(at.values()):
        for name, value in zip(("precision", "recall", "hit", "ndcg"), np.mean(values, axis=0)):
            out[f"{place}.at.{i}.{name}"] = value


retrieval("retrieval.textToImage", [(truth == label, scores[:, label]) for label in np.unique(truth)])
if len(sys.argv) > 6:
    with open(sys.argv[6], newline="", encoding="utf-8") as file:
        vectors = np.array([[float(value) for value in row[1:]] for row in csv.reader(file)])
    cosines = vectors @ vectors.T
    others = [np.arange(len(rows)) != i for i in range(len(rows))]
    retrieval("retrieval.imageToImage", [(truth[other] == truth[i], cosines[i][other]) for i, other in enumerate(others)])

if len(sys.argv) > 7:
    second = {row["path"]: row["rank_own"] == "1" for row in rows_of(sys.argv[7])}
    pairs = [(row["rank_own"] == "1", second[row["path"]]) for row in rows if row["kind"] == "seen"]
    b, c = sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)
    out["mcnemar.exact"] = float(binomtest(min(b, c), b + c).pvalue)

print(json.dumps({name: float(value) for name, value in out.items()}))
