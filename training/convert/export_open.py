"""A model with open windows as the engine reads it (gpu/open-window): Llama's names in the transformers library, which rotates halves, and the sinks."""
from source import halves

LAYER = {
    "mixer_layer_norm.weight": "input_layernorm.weight", "mixer.q_proj.weight": "self_attn.q_proj.weight", "mixer.k_proj.weight": "self_attn.k_proj.weight",
    "mixer.v_proj.weight": "self_attn.v_proj.weight", "mixer.out_proj.weight": "self_attn.o_proj.weight", "mixer.sink": "self_attn.sinks",
    "mixer.sink_values": "self_attn.sink_values", "final_layer_norm.weight": "post_attention_layernorm.weight", "ffn.fc1.weight": "mlp.gate_proj.weight",
    "ffn.gate.weight": "mlp.up_proj.weight", "ffn.fc2.weight": "mlp.down_proj.weight",
}  # fmt: skip
TOPS = {"embed_tokens.weight": "model.embed_tokens.weight", "layer_norm.weight": "model.norm.weight", "output_projection.weight": "lm_head.weight"}


def open_config(p, longest):
    """config.json of params.json's keys"""
    return {
        "model_type": "open_window", "vocab_size": p["vocab_size"], "hidden_size": p["dim"], "intermediate_size": p["hidden_dim"], "hidden_act": "silu",
        "rms_norm_eps": p["norm_eps"], "num_hidden_layers": p["n_layers"], "num_attention_heads": p["n_attn_heads"], "num_key_value_heads": p["n_attn_kv_heads"],
        "rope_theta": p["rope_theta"], "sliding_window": p["sliding_window"], "open_heads": p["open_heads"], "open_distance": p["open_distance"],
        "tie_word_embeddings": p["share_input_output_embed"], "max_position_embeddings": longest,
        **({"finding_layer": p["finding_layer"]} if "finding_layer" in p else {}),
    }  # fmt: skip


def open_tensors(state, p):
    """Tensors of training/open_window.py under Llama's names, the embedding as large as it is used"""
    scale, found = p["dim"] ** 0.5, {}
    for name, value in state.items():
        if name in TOPS:
            if name.startswith("embed_tokens"):
                value = value * scale
            elif name.startswith("layer_norm") and p["share_input_output_embed"]:
                value = value / scale
            found[TOPS[name]] = value
            continue
        _, layer, part = name.split(".", 2)
        if part in ("mixer.q_proj.weight", "mixer.k_proj.weight"):
            value = halves(value, p["n_attn_heads"] if part.startswith("mixer.q") else p["n_attn_kv_heads"])
        found[f"model.layers.{layer}.{LAYER[part]}"] = value
    return found
