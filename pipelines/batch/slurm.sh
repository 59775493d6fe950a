#!/bin/bash
# A Slurm array of sixteen tasks that share a list of images:
#   job=$(sbatch --parsable pipelines/batch/slurm.sh BUNDLE IMAGES.parquet SCORES.parquet)
#   sbatch --dependency=afterok:$job --wrap "devise score merge SCORES.parquet"
# Submitted again as it was, it goes on where it stopped; tasks that were finished end at once.
#SBATCH --job-name=devise-score
#SBATCH --array=0-15
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --output=devise-score-%A_%a.log
set -euo pipefail
if [ $# -lt 3 ]; then
  echo "usage: sbatch slurm.sh BUNDLE IMAGES OUT [further options of devise score]" >&2
  exit 2
fi
# DEVISE: how the program is called on this cluster, for instance 'dotnet /opt/devise/devise.dll' or 'apptainer run devise.sif'.
exec ${DEVISE:-devise} score "$1" --images "$2" --out "$3" --shard auto --resume --workers "${SLURM_CPUS_PER_TASK:-1}" "${@:4}"
