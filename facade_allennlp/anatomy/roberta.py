"""RoBERTa (Liu et al. 2019) and XLM-R (Conneau et al. 2020): BERT's parts, other positions."""

from facade_allennlp.anatomy.anatomy import register
from facade_allennlp.anatomy.bert import alike

ROBERTA = register(alike("transformers.models.roberta.modeling_roberta", "Roberta"))
XLM_ROBERTA = register(alike("transformers.models.xlm_roberta.modeling_xlm_roberta", "XLMRoberta"))
