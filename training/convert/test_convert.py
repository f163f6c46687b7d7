#!/usr/bin/python3
"""`python3 training/convert/test_convert.py`: the conversion on made-up models of four layers, no download. Parts whose
package is missing (gguf, safetensors, tokenizers) are skipped by name."""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import torch

import testing
from fit import Student, closed_form, fit_lower, fit_query
from fit_cache import ordered
from llama import Llama
from map_heads import head_map, split_for, upper_layers
from prune_tokens import chosen, pruned_rows, tokenizer
from regression import left_over, ridge
from shapes import build
from source import Refused, Source, halves, interleaved, read_source
from tokens import CONTROL, Bpe
from yoco_form import params_of, refuse_other, state_of


def needs(package):
    return unittest.skipIf(importlib.util.find_spec(package) is None, f"{package} is not installed")


def source_of(family="llama", tied=True):
    """A made-up source without files"""
    from hf_source import NAMES, TOPS, in_pairs
    from source import Shape

    entries, merges = testing.entries()
    found, size = testing.tensors(family, len(entries), tied=tied)
    sizes = testing.SIZES
    shape = Shape(4, 64, sizes["num_attention_heads"], sizes["num_key_value_heads"], size, 96, len(entries), 10000.0, 1e-5)

    def own(name):
        return TOPS.get(name) or f"layers.{name.split('.')[2]}.{NAMES['.'.join(name.split('.')[3:])]}"

    tensors = in_pairs({own(name): value for name, value in found.items()}, shape)
    return Source(family, shape, tensors, entries, merges, {e: i for i, e in enumerate(entries[:3])}), found


def unfitted():
    """A student of two layers and two, with the keys and values of the first one above"""
    source, _ = source_of()
    student = Student(Llama(source), 2, [2, 3], 64, 1e6)
    student.tensors.update(kv_norm=source.tensors["layers.2.attn_norm"], k=source.tensors["layers.2.k"], v=source.tensors["layers.2.v"])
    return student


IDS = [(i * 7919 + 13) % 270 for i in range(40)]


def yoco_logits(student, ids):
    """By training/model.py: what is trained on and exported"""
    model = build(params_of(student))
    model.load_state_dict(state_of(student))
    at = torch.arange(len(ids[0]))[None].expand(len(ids), -1)
    with torch.no_grad():
        return model(ids, torch.zeros_like(ids), at, at)


class Sources(unittest.TestCase):
    def test_rows_go_there_and_back(self):
        rows = torch.arange(48.0).view(24, 2)
        self.assertTrue(torch.equal(halves(interleaved(rows, 2), 2), rows))
        self.assertEqual(interleaved(torch.arange(6), 1).tolist(), [0, 3, 1, 4, 2, 5])

    def test_teacher_is_the_librarys_model_in_each_family(self):
        for family, tied in (("llama", True), ("llama", False), ("qwen2", True), ("qwen3", True)):
            source, found = source_of(family, tied)
            wanted = testing.library_logits(found, torch.tensor(IDS), family)
            said = Llama(source).logits(torch.tensor([IDS]))[0]
            self.assertLess((said - wanted).norm() / wanted.norm(), 1e-5, family)

    @needs("safetensors")
    def test_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            from hf_source import read_folder

            found = testing.write_folder(folder, "qwen2")
            source = read_folder(folder)
            wanted = testing.library_logits(found, torch.tensor(IDS), "qwen2")
            self.assertLess((Llama(source).logits(torch.tensor([IDS]))[0] - wanted).norm() / wanted.norm(), 1e-5)
            self.assertEqual((source.entries[0], len(source.merges)), ("<|endoftext|>", len(testing.entries()[1])))

    @needs("safetensors")
    def test_folder_refuses_by_name(self):
        from hf_source import read_folder

        for changes, word in (
            ({"rope_scaling": {"rope_type": "yarn", "factor": 4}}, "yarn"), ({"model_type": "mamba"}, "mamba"),
            ({"hidden_act": "gelu"}, "gelu"), ({"attention_bias": True}, "attention_bias"), ({"num_hidden_layers": 5}, "layers.4"),
            ({"intermediate_size": 97}, "expected"), ({"model_type": "qwen3"}, "q_norm"), ({"no_rope_layers": [1, 0]}, "without rotation"),
        ):  # fmt: skip
            with tempfile.TemporaryDirectory() as folder:
                testing.write_folder(folder, "llama", **changes)
                with self.assertRaisesRegex(Refused, word):
                    read_folder(folder)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(Refused, "config.json"):
            read_folder(folder)

    def test_what_the_engine_does_not_run_is_refused(self):
        refuse_other(source_of("qwen2")[0])
        with self.assertRaisesRegex(Refused, "q_norm"):
            refuse_other(source_of("qwen3")[0])

    @needs("gguf")
    def test_gguf(self):
        from gguf_source import read_gguf, sha256

        for kind in ("Q8_0", "Q4_1", "F32"):
            with tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/model.gguf"
                found = testing.write_gguf(path, kind)
                source = read_gguf(path, sha256(path))
                wanted = testing.library_logits(found, torch.tensor(IDS))
                said = Llama(source).logits(torch.tensor([IDS]))[0]
                self.assertLess((said - wanted).norm() / wanted.norm(), 1e-4, kind)
                self.assertEqual(source.control, {"<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2})
                with self.assertRaisesRegex(Refused, "sha256"):
                    read_gguf(path, "00")


class Paths(unittest.TestCase):
    def test_what_is_no_source_is_refused_in_words(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(Refused, "There is no .*nowhere.gguf. Expected a GGUF file or a folder"):
                read_source(f"{folder}/nowhere.gguf")
            with open(f"{folder}/text.gguf", "w") as file:
                file.write("hello")
            with self.assertRaisesRegex(Refused, "begins with b'hell', and a GGUF file with b'GGUF'"):
                read_source(f"{folder}/text.gguf")
            with self.assertRaisesRegex(Refused, "has no config.json"):
                read_source(folder)
            for text, words in (('{"model_type": "llama",', "config.json is not JSON"), ('{"model_type": "llama", "hidden_size": "wide"}', "has no number hidden_size, num_att")):
                with open(f"{folder}/config.json", "w") as file:
                    file.write(text)
                with self.assertRaisesRegex(Refused, words):
                    read_source(folder)
            with open(f"{folder}/text.gguf", "w") as file:
                file.write("GGUF")
            with mock.patch.dict(sys.modules, {"gguf": None}), self.assertRaisesRegex(Refused, "pip install gguf"):
                read_source(f"{folder}/text.gguf")


class Tokens(unittest.TestCase):
    def test_entries_of_another_source_are_refused(self):
        source, _ = source_of()
        with self.assertRaisesRegex(Refused, "2 entries that the source has not .'zebra', 'gnu', .*expected a part of its 391"):
            pruned_rows(source, [*CONTROL, *source.entries[3:100], "zebra", "gnu"])

    def pruned(self, size=340):
        source, _ = source_of()
        counts = {i: 1000 - i for i in range(len(source.entries))}
        return source, *chosen(source, counts, size)

    def test_parts_are_kept_with_what_they_make(self):
        source, entries, merges = self.pruned()
        self.assertEqual(len(entries), 340)
        self.assertEqual(len(set(entries)), 340)
        made = {a + b for a, b in merges}
        self.assertTrue(all(e in made for e in entries[8:] if len(e) > 1))
        self.assertTrue(all(part in entries for merge in merges for part in merge))
        self.assertEqual(merges, [m.split(" ") for m in source.merges if m.split(" ") in merges])

    def test_rows_follow_their_entries(self):
        source, entries, _ = self.pruned()
        rows = pruned_rows(source, entries)["embed"]
        for new in (8, 100, 339):
            self.assertTrue(torch.equal(rows[new], source.tensors["embed"][source.entries.index(entries[new])]))
        self.assertEqual(len({tuple(r) for r in rows[: len(CONTROL)].tolist()}), len(CONTROL))
        # An answer is asked for by what the source knows; where rows stand for the head too, the word itself is the likelier one.
        colon = source.tensors["embed"][source.entries.index(":")]
        row = rows[CONTROL["assistant"]]
        self.assertGreater(torch.nn.functional.cosine_similarity(row, colon, dim=0), 0.95)
        self.assertGreater(colon @ colon, 1.05 * (row @ colon))

    def test_a_rare_part_is_kept_with_a_frequent_whole(self):
        source, _ = source_of()
        # The last of the longest: its parts are not the first that would fill the room anyway.
        long = max(reversed(source.entries[3:]), key=len)
        parts = {a + b: (a, b) for a, b in (m.split(" ") for m in reversed(source.merges))}
        wanted, waiting = set(), [long]
        while waiting:
            wanted.add(one := waiting.pop())
            waiting += parts.get(one, ())
        entries, merges = chosen(source, {source.entries.index(long): 1}, len(CONTROL) + 256 + sum(len(e) > 1 for e in wanted))
        self.assertEqual({e for e in entries[len(CONTROL) :] if len(e) > 1}, {e for e in wanted if len(e) > 1})
        self.assertEqual({a + b for a, b in merges}, {e for e in wanted if len(e) > 1})

    @needs("tokenizers")
    def test_every_entry_makes_itself_and_texts_come_back(self):
        from tokenizers import Tokenizer

        _, entries, merges = self.pruned()
        model = Tokenizer.from_str(json.dumps(tokenizer(entries, merges)))
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/tokenizer.json", "w") as file:
                json.dump(tokenizer(entries, merges), file)
            own = Bpe(f"{folder}/tokenizer.json")
        for text in ("the one at 4821, aetna", "Grüße aus Köln", "Ελληνικά", "Привет мир", "日本語の文章", "عربي", "🙂👩‍👩‍👧 ok\n\n x"):
            ids = model.encode(text, add_special_tokens=False).ids
            self.assertEqual(model.decode(ids, skip_special_tokens=False), text)
        self.assertEqual(own.encode("the rest at 12"), model.encode("the rest at 12").ids)
        self.assertEqual([model.token_to_id(e) for e in entries], list(range(len(entries))))


class Fits(unittest.TestCase):
    def test_ridge_finds_what_is_there(self):
        g = torch.Generator().manual_seed(2)
        x, w = torch.randn(400, 12, generator=g), torch.randn(5, 12, generator=g)
        self.assertLess((ridge(x, x @ w.t(), 1e-8) - w).abs().max(), 1e-4)
        self.assertTrue(torch.allclose(ridge(x, x @ w.t(), 1e9, near=2 * w), 2 * w, atol=1e-3))
        # A wrong target that weighs nothing changes nothing.
        y = x @ w.t()
        y[:100] += 50
        weight = torch.ones(400)
        weight[:100] = 0
        self.assertLess((ridge(x, y, 1e-8, weight=weight) - w).abs().max(), 1e-4)

    def test_query_is_found_from_moments(self):
        g = torch.Generator().manual_seed(2)
        n, w, a = torch.randn(300, 10, generator=g), torch.randn(6, 10, generator=g), torch.randn(300, 6, 6, generator=g)
        spread = a @ a.transpose(1, 2)
        along = (spread @ (n @ w.t())[..., None])[..., 0]
        self.assertLess((fit_query(n, spread, along, torch.zeros_like(w), steps=60, strength=1e-7) - w).abs().max(), 1e-2)

    def test_mapping_is_exact_where_nothing_is_approximated(self):
        """Three layers below whose window is as long as the text, one above that reads its own K/V"""
        for family, tied in (("llama", True), ("llama", False), ("qwen2", True)):
            source, _ = source_of(family, tied)
            teacher = Llama(source)
            student = Student(teacher, 3, [3], 64, source.shape.theta)
            student.tensors.update(kv_norm=teacher.of(3, "attn_norm"), k=teacher.of(3, "k"), v=teacher.of(3, "v"))
            ids = torch.tensor([[*IDS, *IDS[:24]]])
            wanted = teacher.logits(ids)
            if family == "qwen2":
                # The upper half has no bias: without the teacher's there, both are the same.
                for name in ("q_bias", "k_bias", "v_bias"):
                    teacher.tensors[f"layers.3.{name}"] = torch.zeros_like(teacher.tensors[f"layers.3.{name}"])
                wanted = teacher.logits(ids)
            said = yoco_logits(student, ids)
            self.assertLess((said - wanted).norm() / wanted.norm(), 1e-5, (family, tied))

    def test_the_fit_finds_the_exact_answer_where_there_is_one(self):
        """One upper layer, a window as long as the text and the old base: the teacher again"""
        source, _ = source_of()
        teacher = Llama(source)
        g = torch.Generator().manual_seed(4)
        ids = torch.randint(3, 270, (24, 64), generator=g)
        student = closed_form(teacher, ids, 3, [3], 64, source.shape.theta, log=lambda line: None)
        x, y = teacher.stream(ids), yoco_logits(student, ids)
        self.assertLess(left_over(y, teacher.head(x)), 0.02)

    def test_the_lower_fit_makes_up_for_the_window(self):
        """Three layers below that see 8 tokens instead of 64, measured on texts that the fit has not seen"""
        source, _ = source_of()
        teacher = Llama(source)
        g = torch.Generator().manual_seed(4)
        ids, fresh = torch.randint(3, 270, (24, 64), generator=g), torch.randint(3, 270, (8, 64), generator=g)
        wanted, errors = teacher.logits(fresh), []
        for fitted in (True, False):
            student = Student(teacher, 3, [3], 8, source.shape.theta)
            student.tensors.update(kv_norm=teacher.of(3, "attn_norm"), k=teacher.of(3, "k"), v=teacher.of(3, "v"))
            if fitted:
                fit_lower(teacher, student, ids, log=lambda line: None)
            errors.append(left_over(yoco_logits(student, fresh), wanted))
        self.assertLess(errors[0], 0.9 * errors[1])

    def test_the_fit_is_better_than_the_mean(self):
        from fit import naive_cache

        source, _ = source_of()
        teacher = Llama(source)
        g = torch.Generator().manual_seed(4)
        ids, fresh = torch.randint(3, 270, (24, 64), generator=g), torch.randint(3, 270, (8, 64), generator=g)
        wanted = teacher.logits(fresh)
        fitted = closed_form(teacher, ids, 2, [2, 3], 64, 1e6, log=lambda line: None)
        mean = Student(teacher, 2, [2, 3], 64, 1e6)
        naive_cache(teacher, mean, "mean")
        errors = [left_over(yoco_logits(s, fresh), wanted) for s in (fitted, mean)]
        self.assertLess(errors[0], 0.6 * errors[1])

    def test_keys_of_chosen_heads_are_exact_where_nothing_else_is(self):
        """One upper layer and a K/V head of the cache for each of its heads: every head has its own key again, in another order"""
        source, _ = source_of()
        teacher = Llama(source)
        g = torch.Generator().manual_seed(4)
        ids = torch.randint(3, 270, (24, 64), generator=g)
        mass = torch.zeros(4, 4)
        student = closed_form(teacher, ids, 3, [3], 64, source.shape.theta, lambda line: None, keys=[(3, 1), (3, 0), (3, 0), (3, 1)], mass=mass)
        self.assertEqual([h // 2 for h in student.order[0]], [1, 0, 0, 1])
        self.assertEqual((params_of(student)["n_attn_kv_heads"], params_of(student)["n_self_kv_heads"]), (4, 2))
        self.assertLess(left_over(yoco_logits(student, ids), teacher.head(teacher.stream(ids))), 0.02)

    def test_another_order_of_heads_says_the_same(self):
        student = unfitted()
        ids = torch.tensor([[*IDS, *IDS[:24]]])
        before = yoco_logits(student, ids)
        student.reorder(0, [1, 0, 3, 2])
        self.assertLess((yoco_logits(student, ids) - before).abs().max(), 1e-3)
        student.reorder(1, [2, 3, 0, 1])
        self.assertGreater((yoco_logits(student, ids) - before).abs().max(), 1e-2)

    def test_heads_that_fetch_choose_their_key_first(self):
        fit = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
        self.assertEqual(ordered(fit, torch.zeros(4)), [0, 1, 2, 3])
        self.assertEqual(ordered(fit, torch.tensor([0.0, 0.0, 0.1, 0.4])), [3, 2, 0, 1])

    def test_keys_that_cannot_be_are_refused(self):
        source, _ = source_of()
        for keys, said in (([(2, 0)] * 3, "names 3 K/V heads, expected a divisor of 4"), ([(1, 0)], "names 1.0, expected a layer of the cross-decoder (2, 3)"), ([(3, 2)], "names 3.2")):
            with self.assertRaises(Refused) as caught:
                Student(Llama(source), 2, [2, 3], 64, 1e4, keys=keys)
            self.assertIn(said, str(caught.exception))

    def test_units_that_move_nothing_are_the_ones_left_out(self):
        """A third of each feed-forward network reaches the stream by nothing: without it the model says the same"""
        source, _ = source_of()
        g = torch.Generator().manual_seed(4)
        for layer in range(4):
            idle = torch.randperm(96, generator=g)[:32]
            source.tensors[f"layers.{layer}.down"] = source.tensors[f"layers.{layer}.down"].index_fill(1, idle, 0)
        teacher, ids = Llama(source), torch.randint(3, 270, (24, 64), generator=g)
        whole, narrow = (closed_form(teacher, ids, 2, [2, 3], 64, 1e4, log=lambda line: None, hidden=hidden) for hidden in (None, 64))
        self.assertEqual((params_of(whole)["hidden_dim"], params_of(narrow)["hidden_dim"]), (96, 64))
        self.assertEqual({tuple(narrow.of(layer, "gate").shape) for layer in range(4)}, {(64, 64)})
        build(params_of(narrow)).load_state_dict(state_of(narrow))
        self.assertLess(left_over(yoco_logits(narrow, ids), yoco_logits(whole, ids)), 0.01)

    def test_the_first_token_is_in_the_fit_of_a_narrower_one(self):
        """Every row has it, and the heads of all layers rest on it: 0.010, 0.021 where `down` leaves it out"""
        source, _ = source_of()
        teacher = Llama(source)
        g = torch.Generator().manual_seed(5)
        ids = torch.randint(8, 390, (8, 64), generator=g)
        ids[:, 0] = 7
        student = Student(teacher, 3, [3], 64, 1e6, 32)
        x, y = fit_lower(teacher, student, ids, lambda line: None)
        self.assertLess(((y - x).pow(2).sum(-1) / x.pow(2).sum(-1))[:, 0].max(), 0.015)

    def test_a_width_that_cannot_be_is_refused(self):
        source, _ = source_of()
        for width in (0, 100, 50):
            with self.assertRaises(Refused) as caught:
                Student(Llama(source), 2, [2, 3], 64, 1e4, width)
            self.assertIn(f"--hidden is {width}, expected a multiple of 32 from 32 to 96", str(caught.exception))


class Distil(unittest.TestCase):
    @needs("safetensors")
    def test_the_teacher_is_the_source_with_the_kept_entries(self):
        from distil import Teacher, divergence

        with tempfile.TemporaryDirectory() as folder:
            testing.write_folder(folder)
            source, _ = source_of()
            kept = {entry: i for i, entry in enumerate([*CONTROL, *source.entries[3:200]])}
            teacher = Teacher(folder, SimpleNamespace(ids=kept), "cpu", torch.float32)
        source.tensors = {**source.tensors, **pruned_rows(source, list(kept))}
        ids, at = torch.tensor([IDS, IDS[::-1]]) % 190, torch.tensor([[3, 17, 17], [0, 39, 8]])
        found = teacher.log_probabilities(ids, at)
        wanted = Llama(source).logits(ids).log_softmax(-1)
        for row in range(2):
            self.assertLess((found[row] - wanted[row, at[row]]).abs().max(), 1e-5)
        self.assertLess(divergence(found, found * 1.0).abs().max(), 1e-6)
        other = torch.log_softmax(torch.randn(found.shape, generator=torch.Generator().manual_seed(1)), -1)
        # By PyTorch's own.
        exact = torch.nn.functional.kl_div(other, found, reduction="none", log_target=True).sum(-1)
        self.assertLess((divergence(found, other) - exact).abs().max(), 1e-4)

    def test_frozen_layers_learn_nothing_and_the_others_as_before(self):
        student = unfitted()
        ids = torch.tensor([(IDS * 2)[:64]])
        at = torch.arange(64)[None]
        found = []
        for frozen in (0, 1, 2):
            model = build(params_of(student))
            model.load_state_dict(state_of(student))
            model.freeze(frozen)
            model(ids, torch.zeros_like(ids), at, at).logsumexp(-1).sum().backward()
            found.append({name: w.grad for name, w in model.named_parameters()})
        free, one, both = found
        for name, grad in free.items():
            layer = int(name.split(".")[2]) if name.startswith("self_decoder.layers.") else None
            if name == "embed_tokens.weight":
                # What is left is that of the head, the same in both.
                self.assertLess((one[name] - both[name]).norm(), 1e-5 * both[name].norm())
                self.assertGreater((free[name] - one[name]).abs().max(), 1e-3)
                continue
            for grads, frozen in ((one, 1), (both, 2)):
                if layer is not None and layer < frozen:
                    self.assertIsNone(grads[name], name)
                else:
                    self.assertLess((grads[name] - grad).norm(), 1e-5 * grad.norm(), name)


class Flags(unittest.TestCase):
    """Of train.py"""

    def test_what_does_not_fit_together_is_refused(self):
        from train import params_for, refuse_flags

        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/params.json", "w") as file:
                json.dump({"n_layers": 20, "n_self_layers": 8, "vocab_size": 340}, file)
            with open(f"{folder}/model.safetensors", "w"):
                pass
            usual = {"lesser": 0.3, "frozen": 0, "among": 0, "workers": 1, "shape": "tiny", "begin": folder, "tokenizer": "TOK", "to": f"{folder}/run"}

            def begun(**flags):
                args = SimpleNamespace(**{**usual, **flags})
                params = params_for(args, 340)
                refuse_flags(args, params)
                return params

            def refused(words, **flags):
                with self.assertRaisesRegex(Refused, words):
                    begun(**flags)

            self.assertEqual(begun(frozen=8, lesser=0.0)["n_layers"], 20)
            for lesser in (1.0, -0.1, float("nan")):
                refused("--lesser is .*expected from 0 to below 1", lesser=lesser)
            for frozen in (9, -1):
                refused("--frozen is .*expected 0 to 8", frozen=frozen)
            refused("--frozen is 1, expected 0 to 0", frozen=1, begin=None, shape="transformer")
            refused("a model from nothing has only random numbers to keep", frozen=1, begin=None)
            refused("--among is 64, and this model has no open heads", among=64)
            refused("no params.json. Name the folder that training/convert or training has written", begin=f"{folder}/nowhere")
            with mock.patch("train.device_of_all", lambda: "cuda"):
                refused("processes share no GPU", workers=2)
            with self.assertRaisesRegex(Refused, "has 340 entries and TOK 512"):
                params_for(SimpleNamespace(**usual), 512)

    @needs("safetensors")
    def test_a_refusal_is_words_and_nothing_is_written(self):
        """The whole program: the parts that it is made of raise the one Refused that it catches"""
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/tokenizer.json", "w") as file:
                json.dump({"model": {"vocab": {name: i for i, name in enumerate(CONTROL)}, "merges": []}}, file)
            command = [sys.executable, f"{HERE}/../train.py", "--data", folder, "--tokenizer", folder, "--to", f"{folder}/run"]
            for name in ("text.bin", "qa.jsonl"):
                with open(f"{folder}/{name}", "w"):
                    pass
            torch.save({"params": {"dim": 7}}, f"{folder}/state.pt")
            for flags, words in (
                (["--teacher", f"{folder}/nowhere.gguf"], "There is no"),
                (["--frozen", "99"], "expected 0 to 3"),
                (["--data", f"{folder}/nowhere"], "has no text.bin. Name the folder that training/prepare.mjs has written"),
                (["--to", folder], "is of another model (dim 7 instead of 192"),
            ):
                done = subprocess.run([*command, *flags], capture_output=True, text=True)
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
                self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(f"{folder}/run"))

    def test_every_program_says_what_a_folder_lacks(self):
        programs = (
            (["measure.py", "NOWHERE", "NOWHERE", "NOWHERE"], "has no tokenizer.json. Name the folder that training/train_tokenizer.py or"),
            (["resplit.py", "NOWHERE", "2", "OUT"], "has no params.json. Name the folder that training/convert or training has written"),
            (["export.py", "NOWHERE/state.pt", "NOWHERE", "OUT"], "has no state.pt. Name the folder that training/train.py has written"),
            (["logits.py", "NOWHERE", "ids.json"], "has no params.json."),
        )
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/ids.json", "w") as file:
                file.write("[1, 2]")
            for (program, *rest), words in programs:
                done = subprocess.run([sys.executable, f"{HERE}/../{program}", *rest], cwd=folder, capture_output=True, text=True)
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
                self.assertIn(words, done.stderr)
            self.assertEqual(os.listdir(folder), ["ids.json"])


class Rounding(unittest.TestCase):
    def test_exact_weights_come_back_where_rounding_fails(self):
        from rounding import rounded

        model = torch.nn.Sequential(torch.nn.Linear(64, 2), torch.nn.Linear(2, 64))
        before = [w.clone() for w in model.parameters()]
        whole = torch.full((2, 64), 0.5)
        with mock.patch("rounding.on_grid", side_effect=[whole, RuntimeError("no memory")]), self.assertRaisesRegex(RuntimeError, "no memory"):
            with rounded(model):
                pass
        self.assertTrue(all(torch.equal(w, own) for w, own in zip(model.parameters(), before)))

    def test_a_checkpoint_ships_rounded_where_it_learned_so(self):
        from rounding import rounded_state, weights_of

        state = {"embed_tokens.weight": torch.randn(3, 64, generator=torch.Generator().manual_seed(1))}
        for plain in ({"model": state}, {"model": state, "rounded": False}):
            self.assertIs(weights_of(plain), state)
        found = weights_of({"model": state, "rounded": True})["embed_tokens.weight"]
        self.assertTrue(torch.equal(found, rounded_state(state)["embed_tokens.weight"]))
        self.assertFalse(torch.equal(found, state["embed_tokens.weight"]))
        mean = {"embed_tokens.weight": torch.zeros(3, 64)}
        self.assertEqual(weights_of({"model": state, "averaged": mean})["embed_tokens.weight"].abs().max(), 0)

    def test_values_lie_on_the_grid_and_stay_there(self):
        from rounding import on_grid

        g = torch.Generator().manual_seed(3)
        w = torch.randn(5, 200, generator=g) * 0.1
        for bits, block in ((4, 64), (4, 32), (8, 32)):
            found = on_grid(w, bits, block)
            for row in range(5):
                for at in range(0, 200, block):
                    own, before = found[row, at : at + block], w[row, at : at + block]
                    self.assertLessEqual(len(own.unique()), 2**bits)
                    wide = before.max() - before.min() if bits == 4 else 2 * before.abs().max()
                    self.assertLess((own - before).abs().max(), 0.505 * wide / (2**bits - 1 if bits == 4 else 254) + 1e-4)
            self.assertLess((on_grid(found, bits, block) - found).abs().max(), 1e-4)
        self.assertTrue(torch.equal(on_grid(torch.zeros(2, 64), 4, 64), torch.zeros(2, 64)))

    def test_rounded_weights_learn_and_exact_ones_are_kept(self):
        from rounding import rounded, rounded_state

        student = unfitted()
        model, other = build(params_of(student)), build(params_of(student))
        model.load_state_dict(state_of(student))
        other.load_state_dict(rounded_state(state_of(student)))
        ids = torch.tensor([(IDS * 2)[:64]])
        at = torch.arange(64)[None]

        def loss(of):
            return of(ids, torch.zeros_like(ids), at, at).logsumexp(-1).sum()

        with rounded(model):
            said = loss(model)
            said.backward()
        loss(other).backward()
        self.assertEqual(said.item(), loss(other).item())
        for (name, w), (_, o) in zip(model.named_parameters(), other.named_parameters()):
            self.assertTrue(torch.equal(w, state_of(student)[name]), name)
            self.assertLess((w.grad - o.grad).norm(), 1e-5 * o.grad.norm(), name)


class Map(unittest.TestCase):
    def test_a_head_that_fetches_is_found(self):
        """Layer 2 is given a head whose query and key are large for the same token"""
        source, _ = source_of()
        teacher = Llama(source)
        ids = [1, *IDS[1:], 261, *IDS[1:30], 261]
        rows = [(len(ids) - 1, [40])]
        before, count = head_map(teacher, [(ids, rows)], far=20)
        self.assertEqual((count, tuple(before.shape)), (1, (4, 4)))
        n = teacher.stream(torch.tensor([ids]), 2)[0, 40]
        unit = n / n.norm() * 64**0.5
        slow = torch.zeros(16)
        slow[14:] = 40.0
        for name, heads in (("q", 4), ("k", 2)):
            w = teacher.tensors[f"layers.2.{name}"].view(heads, 16, 64)
            w[0] = slow[:, None] * unit[None] / 64
        after, _ = head_map(teacher, [(ids, rows)], far=20)
        self.assertGreater(after[2, 0], max(0.3, 2 * before[2, 0]))
        self.assertEqual(head_map(teacher, [(ids, rows)], far=50)[1], 0)

    def test_split_and_layers(self):
        mass = torch.zeros(30, 9)
        mass[17, 3], mass[23, 2] = 0.44, 0.4
        self.assertEqual(split_for(mass), 10)
        mass[7, 0] = 0.5
        self.assertEqual(split_for(mass), 7)
        changed = [0.03] * 30
        changed[24] = 0.2
        self.assertEqual(upper_layers(mass, changed, 8, 5), [8, 17, 23, 24, 29])


class Layout(unittest.TestCase):
    def test_layout_of_the_engine(self):
        from export_fla import fla_config, fla_tensors

        source, _ = source_of("qwen2", tied=False)
        student = Student(Llama(source), 2, [2, 3], 64, 5e6)
        student.tensors.update(k=torch.ones(32, 64), v=torch.ones(32, 64))
        params = params_of(student)
        found, config = fla_tensors(state_of(student), params), fla_config(params, 8192)
        q = source.tensors["layers.1.q"]
        self.assertTrue(torch.equal(found["model.self_layers.1.attn.q_proj.weight"], halves(q, 4)))
        self.assertTrue(torch.equal(found["model.cross_layers.1.attn.q_proj.weight"], source.tensors["layers.3.q"]))
        for name, own in (("attn.v_proj", "v"), ("attn.o_proj", "o"), ("mlp.gate_proj", "gate"), ("mlp.up_proj", "up"), ("mlp.down_proj", "down")):
            self.assertTrue(torch.equal(found[f"model.self_layers.0.{name}.weight"], student.tensors[f"layers.0.{own}"]), name)
        self.assertTrue(torch.equal(found["model.self_layers.0.attn.k_proj.weight"], halves(source.tensors["layers.0.k"], 2)))
        self.assertTrue(torch.equal(found["model.cross_layers.0.mlp_norm.weight"], source.tensors["layers.2.ffn_norm"]))
        self.assertTrue(torch.equal(found["model.embeddings.weight"], source.tensors["embed"] / 8))
        self.assertIn("lm_head.weight", found)
        self.assertTrue(config["self_decoder_attn"]["qkv_bias"])
        self.assertEqual((config["cross_decoder_attn"]["rope_theta"], config["self_decoder_attn"]["num_v_heads"]), (5e6, 2))
        with self.assertRaisesRegex(Refused, "rope_exponents .llama.*export.py"):
            fla_config({**params, "rope_exponents": "yoco"}, 8192)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main(argv=[os.path.basename(__file__), *sys.argv[1:]])
