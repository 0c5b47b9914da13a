"""``python -m q2c_pipeline.cli``: the same command where the script is not on the path."""

from q2c_pipeline.cli import main

main()
