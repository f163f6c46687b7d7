"""Token ids as Hugging Face's own `tokenizers` gives them, for the tests of gpu/text/byte-fallback-tokenizer.ts.

    python3 tools/reference/tokenizer_ids.py TOKENIZER.json TEXT... > ids.json

Added tokens other than runs of white space are taken out first: in a document they are plain text here. No part of
install or CI; what it gave is kept in gpu/testing/golden/gemma-tokenizer.json, with the versions that gave it.
"""
import hashlib
import json
import struct
import sys

import tokenizers

SPACE = '\u2581'


def text_tokens_only(description):
    is_text = lambda token: not token['special'] and (token['content'].strip() == '' or set(token['content']) == {SPACE})
    return {**description, 'post_processor': None, 'added_tokens': [t for t in description['added_tokens'] if is_text(t)]}


def main(path, texts):
    with open(path, encoding='utf-8') as file:
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(text_tokens_only(json.load(file))))
    found = {}
    for name in texts:
        with open(name, encoding='utf-8', newline='') as file:
            text = file.read()
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        packed = struct.pack(f'<{len(ids)}I', *ids)
        found[name.rsplit('/', 1)[-1]] = {
            'characters': len(text.encode('utf-16-le')) // 2,
            'tokens': len(ids),
            'sha256': hashlib.sha256(packed).hexdigest(),
        }
    json.dump({'tokenizers': tokenizers.__version__, 'texts': found}, sys.stdout, indent=1)
    print()


main(sys.argv[1], sys.argv[2:])
