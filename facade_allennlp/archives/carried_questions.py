from allennlp.data import DatasetReader

from facade_allennlp.archives.carried_transformer import CARRIED, TRUSTED, carried_folder


@DatasetReader.register("archived_transformer_squad", constructor="of_archive")
class ArchivedTransformerSquad(DatasetReader):
    """
    Never an instance itself: stands for AllenNLP's `transformer_squad` with the tokenizer that the
    archive holds.
    """

    @classmethod
    def of_archive(
        cls,
        serialization_dir: str,
        length_limit: int = 384,
        stride: int = 128,
        skip_impossible_questions: bool = False,
        max_query_length: int = 64,
        folder: str = CARRIED,
    ) -> DatasetReader:
        """
        AllenNLP's reader.

        # Parameters

        serialization_dir : `str`
            The folder of the archive; AllenNLP passes it.
        length_limit, stride, skip_impossible_questions, max_query_length
            See `transformer_squad`.
        folder : `str`, optional (default = `"transformer"`)
            Where in the archive the tokenizer is.
        """
        from allennlp_models.rc.dataset_readers import TransformerSquadReader  # slow to import

        return TransformerSquadReader(
            carried_folder(serialization_dir, folder),
            length_limit=length_limit,
            stride=stride,
            skip_impossible_questions=skip_impossible_questions,
            max_query_length=max_query_length,
            tokenizer_kwargs=TRUSTED,
        )
