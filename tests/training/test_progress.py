from facade_allennlp.training.progress import short_description


def test_the_progress_bar_tells_few_metrics_with_short_names() -> None:
    metrics = {
        "accuracy": 0.98765,
        "gradient_attribution_beside_rival": 0.5,
        "unchanged": 1.0,
        "_hidden": 2.0,
        "batch_loss": 3.0,
        "loss": -4.5,
        "fooled": 0.25,
        "p_at_1": 0.75,
    }
    told = short_description(metrics)
    assert told == "accuracy: 0.988, unchanged: 1.000, loss: -4.500, fooled: 0.250 ||"
