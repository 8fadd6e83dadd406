"""What our code costs beside the bare computation and beside AllenNLP's own: ratios in one run."""
