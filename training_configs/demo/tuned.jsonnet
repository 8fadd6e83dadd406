// A merged model that is trained on for its task, as whoever delivers it may do: the weights between its
// two networks are no longer zero. The archive is `facade merge runs/demo/f runs/demo/g_ft --storage dense
// --output runs/demo/f_ft_dense`.
local task = import "../task.libsonnet";

task.predictive(import "settings.libsonnet", {
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 }, batches_per_epoch: 20 },
  trainer+: {
    num_epochs: 1,
    optimizer: { type: "huggingface_adamw", lr: 1e-5, weight_decay: 0.01 },
    grad_norm: 1.0,
    validation_metric: "+accuracy",
  },
}) + {
  model: { type: "from_archive", archive_file: "runs/demo/f_ft_dense" },
}
