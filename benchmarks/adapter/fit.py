"""Fit the customer's adapter to prepared scenes and write it as GGUF.

    python benchmarks/adapter/fit.py MODEL.gguf scenes.jsonl FOLDER

The weights of the model are unpacked from the very file that is served, so that the adapter fits what it is added to.
After every pass the loss on the held-out scenes is printed; ``FOLDER/adapter.gguf`` is of the best pass. Needs PyTorch,
transformers, peft and gguf, which the program itself does not.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

RANK, ALPHA, DROPOUT = 8, 16, 0.1
RATE, WARM_UP, PASSES = 1.5e-4, 20, 4
BATCH_TOKENS = 3000
MODULES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
NORMS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
Row = dict[str, list[int]]


def unpacked(path: Path, device: str) -> Any:
    """Return the Qwen2 model in the GGUF file at ``path``, its weights as bfloat16."""
    import gguf
    import numpy as np
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    def weight(tensor: Any) -> tuple[str, Any]:
        values = np.array(gguf.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        name = WHOLE.get(tensor.name)
        if name is None:
            _, layer, part, kind = tensor.name.split(".")
            name = f"model.layers.{layer}.{(MODULES | NORMS)[part]}.{kind}"
        return name, torch.from_numpy(values).to(torch.bfloat16)

    with ThreadPoolExecutor() as pool:
        weights = dict(pool.map(weight, gguf.GGUFReader(path).tensors))
    config = Qwen2Config(
        vocab_size=151936,
        hidden_size=1536,
        intermediate_size=8960,
        num_hidden_layers=28,
        num_attention_heads=12,
        num_key_value_heads=2,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings="lm_head.weight" not in weights,
    )
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)
    model.load_state_dict(weights, strict=not config.tie_word_embeddings)
    model.config.use_cache = False
    return model.to(device)


def batches(rows: list[Row], rng: random.Random | None) -> list[list[Row]]:
    """Return ``rows`` in batches of alike lengths, shuffled with ``rng``."""
    rows = list(rows)
    if rng:
        rng.shuffle(rows)
    found: list[list[Row]] = []
    for start in range(0, len(rows), 128):
        batch: list[Row] = []
        for row in sorted(rows[start : start + 128], key=lambda r: len(r["ids"])):
            if batch and (len(batch) + 1) * len(row["ids"]) > BATCH_TOKENS:
                found.append(batch)
                batch = []
            batch.append(row)
        found.append(batch)
    if rng:
        rng.shuffle(found)
    return found


def loss_of(model: Any, batch: list[Row], device: str) -> tuple[Any, int]:
    """Return the summed cross-entropy over the masked tokens of ``batch``, and their number."""
    import torch

    length = max(len(row["ids"]) for row in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    wanted = torch.full((len(batch), length), -100)
    attended = torch.zeros(len(batch), length, dtype=torch.long)
    for place, row in enumerate(batch):
        size = len(row["ids"])
        ids[place, :size] = torch.tensor(row["ids"])
        attended[place, :size] = 1
        mask = torch.tensor(row["mask"], dtype=torch.bool)
        wanted[place, :size][mask] = ids[place, :size][mask]
    ids, wanted, attended = ids.to(device), wanted.to(device), attended.to(device)
    inner = model.base_model.model
    with torch.autocast(device, dtype=torch.bfloat16):
        hidden = inner.model(input_ids=ids, attention_mask=attended).last_hidden_state
        seen = wanted[:, 1:] != -100
        logits = inner.lm_head(hidden[:, :-1][seen]).float()
    return torch.nn.functional.cross_entropy(logits, wanted[:, 1:][seen], reduction="sum"), int(seen.sum())


def held_out_loss(model: Any, rows: list[Row], device: str) -> float:
    import torch

    model.eval()
    with torch.no_grad():
        losses = [loss_of(model, batch, device) for batch in batches(rows, None)]
    model.train()
    return sum(float(loss) for loss, _ in losses) / sum(count for _, count in losses)


def write(model: Any, path: Path) -> None:
    """Write the adapter's weights as llama.cpp reads them."""
    import gguf
    import numpy as np

    parts = {module: name for name, module in MODULES.items()}
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(ALPHA))
    writer.add_name("Difficult customer")
    writer.add_license("apache-2.0")
    for name, values in model.named_parameters():
        if not values.requires_grad:
            continue
        where = name.split(".layers.")[1].split(".")
        half = "lora_a" if "lora_A" in name else "lora_b"
        data = values.detach().float().cpu().numpy().astype(np.float16)
        writer.add_tensor(f"blk.{where[0]}.{parts[f'{where[1]}.{where[2]}']}.weight.{half}", data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passes", type=int, default=PASSES)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    rng = random.Random(0)
    rows = [json.loads(line) for line in given.scenes.read_text("utf-8").splitlines()]
    train, valid = ([row for row in rows if row["split"] == split] for split in ("train", "valid"))
    targets = [module.split(".")[1] for module in MODULES.values()]
    adapter = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=DROPOUT, target_modules=targets, task_type="CAUSAL_LM")
    model = get_peft_model(unpacked(given.model, device), adapter)
    weights = [values for values in model.parameters() if values.requires_grad]
    for values in weights:
        values.data = values.data.float()
    best = held_out_loss(model, valid, device)
    print(f"before: {best:.3f} on {len(valid)} held-out scenes", flush=True)
    optimiser = torch.optim.AdamW(weights, weight_decay=0.0, betas=(0.9, 0.98))
    steps, step = len(batches(train, None)) * given.passes, 0
    for number in range(1, given.passes + 1):
        for batch in batches(train, rng):
            fall = 0.05 + 0.475 * (1 + math.cos(math.pi * step / steps))
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * fall
            loss, count = loss_of(model, batch, device)
            (loss / count).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
        held_out = held_out_loss(model, valid, device)
        print(f"pass {number}: {held_out:.3f}", flush=True)
        if held_out < best:
            best = held_out
            write(model, given.folder / "adapter.gguf")


if __name__ == "__main__":
    main()
