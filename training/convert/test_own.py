#!/usr/bin/python3
"""`python3 training/convert/test_own.py`: a source that is trained before it is converted, and the stream that a narrower one learns of it."""
import os
import sys
import tempfile
import unittest
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import torch

from export import save_model
from learning import Mean
from llama import Llama
from own_source import is_own, params_of_source, read_own, state_of_source
from prune_tokens import with_entries
from shapes import SHAPES, build
from source import Refused, read_source
from stream_teacher import StreamTeacher, unlikeness
from test_convert import IDS, source_of, unfitted
from yoco_form import params_of, state_of


def written(folder, source):
    model = build(params_of_source(source))
    model.load_state_dict(state_of_source(source))
    save_model(model, folder)
    return model


class Own(unittest.TestCase):
    def test_it_says_what_the_source_says_and_comes_back(self):
        for tied in (True, False):
            source, _ = source_of(tied=tied)
            with tempfile.TemporaryDirectory() as folder:
                model = written(folder, source)
                again = read_source(folder)
            ids, at = torch.tensor([IDS, IDS[::-1]]), torch.arange(len(IDS))[None].expand(2, -1)
            wanted = Llama(source).logits(ids)
            with torch.no_grad():
                said = model(ids, torch.zeros_like(ids), at, at)
            self.assertLess((said - wanted).norm() / wanted.norm(), 1e-5)
            self.assertEqual(sorted(again.tensors), sorted(source.tensors))
            self.assertEqual((again.shape.theta, again.shape.kv_heads, again.entries), (source.shape.theta, source.shape.kv_heads, []))
            # F16 lies between.
            self.assertLess((Llama(again).logits(ids) - wanted).norm() / wanted.norm(), 5e-3)

    def test_its_entries_stay_as_they_are(self):
        source, _ = source_of()
        with tempfile.TemporaryDirectory() as folder:
            written(folder, source)
            again = read_own(folder)
        embed = again.tensors["embed"]
        bpe = SimpleNamespace(ids={str(i): i for i in range(len(embed))})
        self.assertIs(with_entries(again, bpe).tensors["embed"], embed)
        with self.assertRaisesRegex(Refused, "has 391 entries and the tokenizer 3"):
            with_entries(again, SimpleNamespace(ids={"a": 0, "b": 1, "c": 2}))

    def test_what_is_none_is_refused_in_words(self):
        with self.assertRaisesRegex(Refused, "expected a llama model"):
            params_of_source(source_of("qwen2")[0])
        with tempfile.TemporaryDirectory() as folder:
            self.assertFalse(is_own(folder))
            save_model(build({**SHAPES["tiny"], "transformer": True}), folder)
            with self.assertRaisesRegex(Refused, "trained from nothing"):
                read_source(folder)


class Means(unittest.TestCase):
    def test_the_mean_follows_every_fifth_step_and_goes_on(self):
        model = torch.nn.Linear(1, 1, bias=False)
        model.weight.data.fill_(0.0)
        mean = Mean(model, 0.5)
        model.weight.data.fill_(8.0)
        seen = []
        for step in range(1, 16):
            mean.look(step)
            seen.append(mean.weights["weight"].item())
        self.assertEqual((seen[3], seen[4], seen[9], seen[14]), (0.0, 4.0, 6.0, 7.0))
        again = Mean(model, 0.5, mean.weights)
        self.assertEqual(again.weights["weight"].item(), 7.0)
        again.put()
        self.assertEqual(model.weight.item(), 7.0)


class Streams(unittest.TestCase):
    def test_a_narrower_one_learns_the_stream(self):
        student = unfitted()
        with tempfile.TemporaryDirectory() as folder:
            model = build(params_of(student))
            model.load_state_dict(state_of(student))
            save_model(model, folder)
            teacher = StreamTeacher(folder, model.params, "cpu", torch.float32)
            with self.assertRaisesRegex(Refused, "vocab_size 391 instead of 7, 2 layers of the self-decoder instead of 1"):
                StreamTeacher(folder, {**model.params, "vocab_size": 7, "n_self_layers": 1}, "cpu", torch.float32)
        with self.assertRaisesRegex(Refused, "has no params.json. Name the folder"):
            StreamTeacher(f"{folder}/nowhere", model.params, "cpu", torch.float32)
        ids = torch.tensor([(IDS * 2)[:64]])
        segments, positions = torch.zeros_like(ids), torch.arange(64)[None]
        counted = positions < 60
        wanted = teacher.streams(ids, segments, positions)
        # F16 lies between.
        self.assertLess(unlikeness(list(model.streams(ids, segments, positions)), wanted, counted)[0], 1e-5)
        narrow = build({**model.params, "hidden_dim": 64})
        narrow.load_state_dict({name: w[:64] if "fc1" in name or "ffn.gate" in name else w[:, :64] if "fc2" in name else w for name, w in model.state_dict().items()})
        optimizer, errors = torch.optim.Adam(narrow.self_decoder.parameters(), 1e-3), []
        for _ in range(20):
            error, last = unlikeness(list(narrow.streams(ids, segments, positions)), wanted, counted)
            errors.append((error.item(), last.item()))
            error.backward()
            optimizer.step()
            optimizer.zero_grad()
        self.assertLess(errors[-1][0], errors[0][0] / 2)
        self.assertLess(errors[-1][1], errors[0][1] / 2)

    def test_padding_does_not_count(self):
        own, wanted = [torch.ones(1, 4, 8)], [torch.ones(1, 4, 8)]
        own[0][0, 3] = 9.0
        self.assertEqual(unlikeness(own, wanted, torch.tensor([[True, True, True, False]]))[0], 0)
        self.assertGreater(unlikeness(own, wanted, torch.ones(1, 4, dtype=torch.bool))[0], 1)


if __name__ == "__main__":
    unittest.main()
