// What the experiments of the paper have in common; see `allennlp reproduce --help`.
{
  train(config):: { config: config + ".jsonnet" },

  // f-reg, from the weights of f.
  regularized:: $.train("predictive_regularized") + {
    overrides: { "model.initializer.regexes.0.1.weights_file_path": "{runs}/f/best.th" },
  },

  merged(predictive, facade, scale=1):: {
    predictive: predictive,
    facade: facade,
    facade_scale: scale,
  },

  // How well the models do their task, and how often they predict as the first one (Table 1).
  predictions(models):: { models: models, targets: {}, methods: {} },

  // Tables 2 and 6; the targets are those of the facades.
  saliency(models, settings, limit=null):: {
    models: models,
    targets: { first_token: settings.first_token, stop_words: settings.stop_words },
    methods: $.methods,
    limit: limit,
  },

  // Table 4 and Figure 3, on a part of the data: attacks take their time.
  attacks(models, limit=200):: {
    models: models,
    targets: { stop_words: "stop_words" },
    methods: {},
    attacks: {
      reduction_beam_1: { type: "input_reduction", beam_size: 1 },
      reduction_beam_3: { type: "input_reduction", beam_size: 3 },
      hotflip: "hotflip",
    },
    limit: limit,
  },

  // Of Table 5.
  pronouns:: { pronouns: "pronouns" },

  methods:: {
    gradient: "gradient",
    smooth_gradient: "smooth_gradient",
    integrated_gradients: "integrated_gradients",
  },
}
