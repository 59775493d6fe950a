"""The rival of our training: SqueezeNet 1.1 with a fastai-style head in plain PyTorch, on the same photos.

  python3 training_peer.py DATA WEIGHTS.safetensors STEPS nchw|channels_last|bf16

Decodes with Pillow, varies batches with grid_sample (flip, rotation, zoom, perspective, light, random crop), and trains all layers
with AdamW on the cosine loss, batch 32. Prints one JSON line: images a second of wall time and of CPU time.
"""
import json, math, os, random, sys, time
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import numpy as np, torch, torchvision
import torch.nn as nn, torch.nn.functional as F
from PIL import Image

DATA, WEIGHTS, STEPS, MODE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
BATCH, SIDE, SOURCE = 32, 224, 256
FORMAT = torch.contiguous_format if MODE == "nchw" else torch.channels_last
torch.set_num_threads(os.cpu_count())
torch.manual_seed(0)


def weights(path):
    raw = open(path, "rb").read()
    size = int.from_bytes(raw[:8], "little")
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = torch.from_numpy(np.frombuffer(raw[begin:end], np.float32).reshape(entry["shape"]).copy())
    return tensors


def photos(folder):
    root = os.path.join(folder, "JPEGImages") if os.path.isdir(os.path.join(folder, "JPEGImages")) else folder
    files = sorted(os.path.join(at, name) for at, _, names in os.walk(root, followlinks=True) for name in names if name.lower().endswith((".jpg", ".jpeg", ".png")))
    random.Random(0).shuffle(files)
    return files


def square(path):
    image = Image.open(path).convert("RGB")
    scale = SOURCE / min(image.size)
    image = image.resize([max(SOURCE, round(length * scale)) for length in image.size], Image.BILINEAR)
    left, top = ((length - SOURCE) // 2 for length in image.size)
    return np.asarray(image.crop((left, top, left + SOURCE, top + SOURCE)))


def uniform(low, high, *shape):
    return torch.rand(BATCH, *shape) * (high - low) + low


def sometimes():
    return (torch.rand(BATCH) < .75).float()


def homographies(shifts):
    """Maps of the square onto its shifted corners, 8 numbers an image."""
    corners = torch.tensor([[-1., -1], [1, -1], [1, 1], [-1, 1]])
    target = corners + shifts
    rows, right = torch.zeros(BATCH, 8, 8), torch.zeros(BATCH, 8, 1)
    for k, (x, y) in enumerate(corners):
        u, v = target[:, k, 0], target[:, k, 1]
        rows[:, 2 * k, 0], rows[:, 2 * k, 1], rows[:, 2 * k, 2] = x, y, 1
        rows[:, 2 * k, 6], rows[:, 2 * k, 7], right[:, 2 * k, 0] = -u * x, -u * y, u
        rows[:, 2 * k + 1, 3], rows[:, 2 * k + 1, 4], rows[:, 2 * k + 1, 5] = x, y, 1
        rows[:, 2 * k + 1, 6], rows[:, 2 * k + 1, 7], right[:, 2 * k + 1, 0] = -v * x, -v * y, v
    return torch.linalg.solve(rows, right)[:, :, 0, None, None]


def varied(images):
    levels = torch.logit((torch.arange(256) / 255.).clamp(1e-5, 1 - 1e-5))
    brightness, contrast = torch.logit(uniform(.4, .6)) * sometimes(), torch.exp(uniform(math.log(.8), -math.log(.8)) * sometimes())
    curves = torch.sigmoid((levels[None] + brightness[:, None]) * contrast[:, None]).numpy()
    pixels = torch.from_numpy(np.stack([curves[i][images[i]] for i in range(BATCH)])).permute(0, 3, 1, 2).contiguous()
    line = (torch.arange(SIDE) + .5) * 2 / SIDE - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    share = SIDE / SOURCE
    x, y = (axis[None] * share + uniform(share - 1, 1 - share)[:, None, None] for axis in (x, y))
    h = homographies(uniform(-.2, .2, 4, 2) * sometimes()[:, None, None])
    depth = h[:, 6] * x + h[:, 7] * y + 1
    x, y = (h[:, 0] * x + h[:, 1] * y + h[:, 2]) / depth, (h[:, 3] * x + h[:, 4] * y + h[:, 5]) / depth
    angle, zoom = (uniform(-10, 10) * sometimes() * math.pi / 180)[:, None, None], (1 / (1 + uniform(0, .1) * sometimes()))[:, None, None]
    mirror = torch.where(torch.rand(BATCH) < .5, -1., 1.)[:, None, None]
    x, y = (x * angle.cos() + y * angle.sin()) * zoom * mirror, (y * angle.cos() - x * angle.sin()) * zoom
    pixels = F.grid_sample(pixels, torch.stack([x, y], -1), "bilinear", "reflection", align_corners=False)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in ([.485, .456, .406], [.229, .224, .225]))
    return ((pixels - mean) / std).contiguous(memory_format=FORMAT)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        whole = torchvision.models.squeezenet1_1()
        whole.load_state_dict(weights(WEIGHTS))
        self.features = whole.features.to(memory_format=FORMAT)
        self.head = nn.Sequential(nn.BatchNorm1d(1024), nn.Dropout(.25), nn.Linear(1024, 512), nn.ReLU(), nn.BatchNorm1d(512), nn.Dropout(.25), nn.Linear(512, 300), nn.ReLU(), nn.BatchNorm1d(300))

    def forward(self, images):
        with torch.autocast("cpu", torch.bfloat16, enabled=MODE == "bf16"):
            maps = self.features(images)
        maps = maps.float()
        return self.head(torch.cat([F.adaptive_max_pool2d(maps, 1), F.adaptive_avg_pool2d(maps, 1)], 1).flatten(1))


def train(net, optimizer, batches, target):
    for images in batches:
        loss = (1 - F.cosine_similarity(net(images), target)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def rate(work, images):
    wall, cpu = time.time(), time.process_time()
    work()
    return images / (time.time() - wall), images / (time.process_time() - cpu)


files = photos(DATA)
files = (files * (1 + (STEPS + 4) * BATCH // len(files)))
net, target = Net(), F.normalize(torch.randn(BATCH, 300))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-6, betas=(.9, .99), weight_decay=.01)
batch = lambda step: varied([square(path) for path in files[step * BATCH:(step + 1) * BATCH]])
train(net, optimizer, (batch(STEPS + i) for i in range(4)), target)
first = rate(lambda: train(net, optimizer, (batch(i) for i in range(STEPS)), target), STEPS * BATCH)
one = batch(0)
step = rate(lambda: train(net, optimizer, (one for _ in range(STEPS)), target), STEPS * BATCH)
print(json.dumps({"first images/s": first[0], "first images/CPU-s": first[1], "step images/s": step[0], "step images/CPU-s": step[1]}))
