// f: the predictive model.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.predictive(settings) + settings.architecture.predictive_training
