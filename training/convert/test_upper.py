#!/usr/bin/python3
"""Training of the cross-decoder alone and rounding by GPTQ, on made-up models: `python3 training/convert/test_upper.py`"""
import os
import random
import sys
import unittest
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import torch

from gptq import gptq, gram_of, round_cross, round_self
from kept_streams import KeptStreams, Row, together
from regression import left_over
from rounding import on_grid, rounded_state
from samples import IGNORED
from shapes import build
from tokens import CONTROL
from learning import groups
from train_upper import UNDECAYED, losses, part

PARAMS = {
    "dim": 64, "n_layers": 4, "hidden_dim": 128, "n_self_heads": 4, "n_self_kv_heads": 2, "n_attn_heads": 4, "n_attn_kv_heads": 4, "vocab_size": 128,
    "sliding_window": 64, "rope_theta": 1e4, "cross_rope_theta": 1e5, "rope_exponents": "llama", "share_input_output_embed": True, "norm_eps": 1e-5,
}  # fmt: skip


def model_of(seed=1):
    torch.manual_seed(seed)
    return build(PARAMS)


def row(length, places, stream=None):
    """A row whose answers stand at the places that they are copied from"""
    at = torch.tensor(places)
    count = len(places)
    return Row(
        torch.zeros(length, 64) if stream is None else stream,
        torch.arange(length),
        at,
        20 + at % 9,
        torch.ones(count),
        torch.stack((at // 2, *[torch.full((count,), -1)] * 3), 1),
        torch.arange(count) % 2 == 0,
    )


class Streams(unittest.TestCase):
    def test_rows_of_one_length_become_one_and_what_was_filled_up_asks_nothing(self):
        one = together([row(16, [3, 4, 9]), row(16, [7])])
        self.assertEqual(one.at.tolist(), [[3, 4, 9], [7, 0, 0]])
        self.assertEqual(one.wanted[1].tolist(), [27, IGNORED, IGNORED])
        self.assertEqual(one.weight[1].tolist(), [1, 0, 0])
        self.assertEqual(one.pointed[1, 1:].tolist(), [[-1] * 4] * 2)
        self.assertEqual(one.first[1].tolist(), [True, False, False])
        self.assertEqual(tuple(one.stream.shape), (2, 16, 64))

    def test_what_was_read_is_met_again_by_length(self):
        streams, r = KeptStreams(), random.Random(1)
        first, other = row(16, [3]), row(32, [3])
        self.assertEqual(streams.met_again(r, 16, 2, [first]), [first])
        self.assertEqual(streams.met_again(r, 32, 2, [other]), [other])
        second = row(16, [5])
        met = streams.met_again(r, 16, 2, [second])
        self.assertIs(met[0], second)
        self.assertIs(met[1], first)
        self.assertEqual(len(met), 2)

    def test_a_kept_stream_says_what_the_whole_model_says(self):
        model = model_of()
        ids = torch.tensor([[(i * 7919 + 13) % 128 for i in range(64)]])
        positions, at = torch.arange(64)[None], torch.tensor([[5, 40, 63]])
        with torch.no_grad():
            whole = model(ids, torch.zeros_like(ids), positions, at)
            x, _ = model.looked_up(model.read(ids, torch.zeros_like(ids), positions), positions, at)
        self.assertTrue(torch.equal(model.logits(x), whole))


class Learning(unittest.TestCase):
    def test_the_cross_decoder_learns_and_nothing_that_is_read_changes(self):
        model = model_of()
        model.freeze(2)
        before = {name: w.clone() for name, w in model.state_dict().items()}
        g = torch.Generator().manual_seed(2)
        rows = together([row(64, [8, 20, 21, 50], torch.randn(64, 64, generator=g)) for _ in range(4)])
        optimizer = torch.optim.AdamW(groups(model, SimpleNamespace(decay=0.01, attention=1.5), UNDECAYED), lr=2e-3)
        found = []
        for _ in range(25):
            loss, figures = losses(model, rows, torch.tensor([0]), 0.6, 0.3)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            found.append(loss.item())
        self.assertLess(found[-1], 0.5 * found[0])
        # 16 answers, all of them copied, 8 first tokens.
        self.assertEqual((figures[2].item(), figures[6].item(), figures[8].item()), (16, 16, 8))
        for name, w in model.state_dict().items():
            if name == "embed_tokens.weight":
                moved = (w - before[name]).abs().amax(1) > 0
                self.assertEqual(moved.nonzero().flatten().tolist(), [CONTROL["end"]])
            elif name.startswith("self_decoder"):
                self.assertTrue(torch.equal(w, before[name]), name)
            elif w.dim() > 1:
                self.assertGreater((w - before[name]).abs().max(), 1e-4, name)

    def test_attention_alone_is_drawn_to_the_place(self):
        """With answers that weigh nothing: the loss of attention goes down, in the last layer and in one between"""
        model = model_of()
        rows = together([row(64, [20, 50], torch.randn(64, 64, generator=torch.Generator().manual_seed(3)))])
        seen = []
        optimizer = torch.optim.AdamW(groups(model, SimpleNamespace(decay=0.0, attention=1.5), UNDECAYED), lr=2e-3)
        for _ in range(30):
            loss, figures = losses(model, rows, torch.tensor([0]), 0.6, 0.3)
            seen.append(figures[5].item() / figures[6].item())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.assertLess(seen[-1], 0.3 * seen[0])

    def test_what_is_no_mixture_is_refused(self):
        self.assertEqual(part("real:512:0.6"), ("real", 512, 0.6))
        with self.assertRaises(ValueError):
            part("made:512:0.6")


class Gptq(unittest.TestCase):
    def test_errors_are_taken_over_by_what_goes_along_with_them(self):
        g = torch.Generator().manual_seed(4)
        x = torch.randn(1, 2000, 16, generator=g) @ torch.randn(16, 128, generator=g) + 0.3 * torch.randn(1, 2000, 128, generator=g)
        w = torch.randn(96, 128, generator=g)
        made, plain = gptq(w, gram_of(x, torch.ones(1, 2000)), 64), on_grid(w, 4, 64)
        lost = [(x @ (q - w).t()).pow(2).mean() for q in (made, plain)]
        self.assertLess(lost[0], 0.3 * lost[1])
        self.assertLess((on_grid(made, 4, 64) - made).abs().max(), 2e-3 * w.abs().max())

    def test_a_model_lies_on_its_grids_and_says_more_nearly_the_same(self):
        exact, model, plain = model_of(), model_of(), model_of()
        plain.load_state_dict(rounded_state(exact.state_dict()))
        ids = torch.randint(8, 128, (24, 64), generator=torch.Generator().manual_seed(5))
        said = []
        round_self(exact, model, ids, said.append)
        segments, positions = torch.zeros_like(ids), torch.arange(64)[None].expand(24, -1)
        at = torch.arange(1, 63)[None].expand(24, -1)
        with torch.no_grad():
            stream = model.read(ids, segments, positions)
            rows = Row(stream, positions, at, at, torch.ones(at.shape), at[..., None], at > 0)
            round_cross(exact, model, rows, said.append)
            exact.self_decoder, exact.embed_tokens = model.self_decoder, model.embed_tokens
            plain.self_decoder, plain.embed_tokens = model.self_decoder, model.embed_tokens
            logits = [m(ids, segments, positions, at) for m in (exact, model, plain)]
        self.assertEqual(len(said), 4)
        self.assertLess(left_over(logits[1], logits[0]), 0.8 * left_over(logits[2], logits[0]))
        for name, w in rounded_state(model.state_dict()).items():
            self.assertLess((w - model.state_dict()[name]).abs().max(), 4e-3 * w.abs().max() + 1e-6, name)


if __name__ == "__main__":
    unittest.main()
