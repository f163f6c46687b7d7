#!/usr/bin/python3
"""Planted facts: python3 training/test_facts.py"""
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from facts import TEMPLATES, alike, fact


class Facts(unittest.TestCase):
    def test_a_fact_of_a_chosen_kind(self):
        key, sentence, question, answer = fact(random.Random(1), 6, 1, 0)
        self.assertEqual(TEMPLATES[6][2][0], "How many inhabitants does {0} have?>1")
        self.assertEqual(sentence, f"There are {answer} people living in {key[2]}.")
        self.assertEqual(question, f"How many inhabitants does {key[2]} have?")

    def test_facts_alike_cannot_be_confused(self):
        kinds = set()
        for seed in range(300):
            facts = alike(random.Random(seed), 8)
            self.assertGreaterEqual(len(facts), 2)
            questions, answers = [f[3] for f in facts], [f[4] for f in facts]
            self.assertEqual(len(set(questions)), len(facts))
            self.assertEqual(len(set(answers)), len(facts))
            is_magic, key, *_ = facts[0]
            for _, other, sentence, _, answer in facts:
                self.assertIn(answer.lower(), sentence.lower())
                self.assertEqual(is_magic or other[:2] == key[:2], True)
            kinds.add("magic" if is_magic else key[0])
        self.assertGreater(len(kinds), len(TEMPLATES) // 2)


if __name__ == "__main__":
    unittest.main()
