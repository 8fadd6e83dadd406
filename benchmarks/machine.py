"""What timings were taken on."""

import os
import platform

import torch


def machine() -> str:
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    threads = f"{torch.get_num_threads()} threads"
    return f"{platform.machine()}, {threads}, torch {torch.__version__}, {busy}"
