"""Makes the .pth files of this folder; they are checked in, so tests need no Python.

    python3 make_fixtures.py        (made with PyTorch 1.13.1)
"""
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent


def numbers(*shape):
    """0, 0.5, 1, ...: the same in every format of floating point."""
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape) / 2


tensors = OrderedDict(
    float=numbers(2, 3),
    half=numbers(2, 3).half(),
    bfloat=numbers(2, 3).bfloat16(),
    double=numbers(2, 3).double(),
    counter=torch.tensor(7),
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 3),
    transposed=numbers(4, 3).t(),
    channels_last=numbers(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
    window=numbers(4, 6)[1:3, 2:5],
    every_other=numbers(10)[1::2],
    long=numbers(5000).half(),
    parameter=nn.Parameter(numbers(2, 2)),
)
tensors["tied"] = tensors["float"]
tensors._metadata = OrderedDict([("", {"version": 1})])

torch.save(tensors, HERE / "zip.pth")
torch.save(tensors, HERE / "zip4.pth", pickle_protocol=4)
torch.save(tensors, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(tensors, HERE / "legacy4.pth", _use_new_zipfile_serialization=False, pickle_protocol=4)
torch.save({"epoch": 3, "loss": 0.25, "state_dict": tensors, "optimizer": {"state": {0: {"step": 1}}}}, HERE / "checkpoint.pth")
torch.save(nn.Linear(2, 2), HERE / "whole_model.pth")


class BasicBlock(nn.Module):
    """torchvision's, with a way around that changes shape."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.downsample = nn.Sequential(nn.Conv2d(4, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


torch.manual_seed(1)
block = BasicBlock()
with torch.no_grad():
    for _ in range(20):  # statistics away from 0 and 1
        block(torch.randn(8, 4, 6, 6) * 2 + 1)
    block.eval()
    for norm in (block.bn1, block.bn2, block.downsample[1]):
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.uniform_(-0.5, 0.5)
    given = torch.randn(2, 4, 6, 6)
    torch.save({**block.state_dict(), "golden.input": given, "golden.output": block(given)}, HERE / "basic_block.pth")
