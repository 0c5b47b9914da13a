"""``q2c sandbox``: emulated vendors, and a made-up company for them to serve.

Belongs here: options and progress. Does not belong here: what the sandbox does.
"""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from q2c_pipeline.core.terminal import say
from q2c_pipeline.sandbox.generate import generate as generate_company
from q2c_pipeline.sandbox.generate.profile import INVOICES_MAX, INVOICES_MIN
from q2c_pipeline.sandbox.server import serve as serve_company

PLAIN_LINE_SECONDS = 5.0

app = typer.Typer(
    help="Emulated Salesforce and QuickBooks Online over HTTP, on this machine only.",
    no_args_is_help=True,
)


@app.command()
def serve(
    company: Annotated[Path, typer.Option(help="Folder of the company to serve.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    env_file: Annotated[
        Path | None, typer.Option(help="Where to write a client's settings; else to the terminal.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Keep what clients write in this file across restarts.")
    ] = None,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Serve a company folder until interrupted, then print nothing more.

    Once the port answers, the settings that a client needs come as NAME=value lines.
    """
    serve_company(company, port=port, env_file=env_file, state=state, stop_with_parent=with_parent)


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="Folder to make; it must not exist or be empty.")],
    seed: Annotated[int, typer.Option(help="Same seed, same company, byte for byte.")] = 1,
    invoices: Annotated[int, typer.Option(help=f"{INVOICES_MIN:,} to {INVOICES_MAX:,}.")] = 3000,
) -> None:
    """Make up a B2B services company: 30 months of books and deals, and answers/ with the truth."""
    with Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("starting", total=None)
        last_told_at = time.monotonic()

        def show(part: str, done: int, total: int) -> None:
            nonlocal last_told_at
            bar.update(task, description=part, completed=done, total=total)
            if bar.disable and time.monotonic() - last_told_at >= PLAIN_LINE_SECONDS:
                say(f"{part}: {done} of {total} parts")
                last_told_at = time.monotonic()

        generate_company(out, seed=seed, invoices=invoices, progress=show)
    print(f"Made up a company in {out}; answers/ tells what was planted.")
