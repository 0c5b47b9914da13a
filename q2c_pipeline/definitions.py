"""The entry point for Dagster: collects what ``defs`` declares and decides nothing."""

import dagster as dg
from dagster import load_from_defs_folder

from q2c_pipeline.settings import PROJECT_ROOT, load_env_file

load_env_file()
defs: dg.Definitions = load_from_defs_folder(path_within_project=PROJECT_ROOT / "q2c_pipeline")
