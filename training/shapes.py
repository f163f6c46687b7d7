"""Shapes that were compared, as params.json has them; `n_self_layers` (ours) says where the two halves meet."""
WINDOW = {
    "dim": 192,
    "n_layers": 6,
    "hidden_dim": 512,
    "n_self_heads": 4,
    "n_attn_heads": 4,
    "n_attn_kv_heads": 2,
    "vocab_size": 8192,
    "sliding_window": 64,
    # One turn of the slowest pair takes 6 million tokens: it cannot tell 128K positions apart, which contents need.
    "rope_theta": 1e6,
    "share_input_output_embed": True,
    "norm_eps": 1e-5,
}
SHAPES = {
    "window": WINDOW,
    "retention": {**WINDOW, "sliding_window": None},
    "window-2+4": {**WINDOW, "n_self_layers": 2},
    "retention-2+4": {**WINDOW, "sliding_window": None, "n_self_layers": 2},
    "window-3+5": {**WINDOW, "n_layers": 8, "n_self_layers": 3},
    "transformer": {**WINDOW, "transformer": True},
    # For the test of the recipe.
    "tiny": {**WINDOW, "dim": 32, "n_layers": 4, "hidden_dim": 48, "n_self_heads": 2, "n_attn_heads": 4},
    "tiny-retention": {**WINDOW, "dim": 32, "n_layers": 4, "hidden_dim": 48, "n_self_heads": 2, "n_attn_heads": 4, "sliding_window": None},
    "tiny-1+3": {**WINDOW, "dim": 32, "n_layers": 4, "hidden_dim": 48, "n_self_heads": 2, "n_attn_heads": 4, "n_self_layers": 1},
    # For a GPU of a current kind: 30 million parameters.
    "large": {**WINDOW, "dim": 512, "n_layers": 12, "hidden_dim": 1408, "n_self_heads": 8, "n_attn_heads": 8, "n_attn_kv_heads": 2, "sliding_window": 128},
}


def build(params):
    from model import Yoco
    from open_window import OpenWindow
    from transformer import Transformer

    return (Transformer if params.get("transformer") else OpenWindow if params.get("open_window") else Yoco)(params)
