"""What methods, numbers and tasks' scores are called where they are shown."""

METHODS = {
    "gradient": "Gradient",
    "smooth_gradient": "SmoothGrad",
    "integrated_gradients": "InteGrad",
    "gradient_input": "Gradient × input",
    "gradient_sensitivity": "Gradient sensitivity",
    "lrp": "LRP",
    "literal_lrp": "LRP, literal",
    "attn_lrp": "AttnLRP",
    "attention_tracing": "Attention tracing",
    "attention_attribution": "Attention attribution",
    "layer_integrated_gradients": "InteGrad of the logit",
    "gradient_shap": "GradientSHAP",
    "deep_lift": "DeepLIFT",
    "feature_ablation": "Feature ablation",
    "lime": "LIME",
    "kernel_shap": "KernelSHAP",
    "exchange": "Exchange",
}
"""Of the methods that ship, in the order of tables. Results name their own methods' titles."""

RANDOM = "random"
"""The order of tokens that faithfulness compares methods with."""

NUMBERS = {
    RANDOM: "random order",
    "without": "left out",
    "stop_percent": "Stop %",
    "mean_stop_percent": "Stop % per input",
    "all_stop_percent": "All-stop %",
    "mean_left": "tokens left",
    "as_wanted": "as wanted",
    "flipped_percent": "flipped %",
    "mean_flips": "flips",
    "flips_percent": "% after so many flips",
}
"""Of the numbers of attacks."""

SCORES = {"accuracy": "accuracy", "exact_match": "EM", "f1": "F1"}
"""Of how well a model does its task, where a results file does not tell it."""


def rank(method: str) -> int:
    """The place among the methods that ship; others come after them, the random order last."""
    return list(METHODS).index(method) if method in METHODS else len(METHODS) + (method == RANDOM)
